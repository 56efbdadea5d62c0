// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  array[N] int<lower=0> Y;  // response Y
  vector[N] offsets;  // offset 0.1 * Z
  vector[N] height;  // (X - 450) / 100
  int<lower=0> K_Kind;  // levels of Kind but the reference
  matrix[N, K_Kind] Kind;  // 1 where Kind is the level, in order, the reference left out
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  int<lower=1> J_Item;  // levels of Item
  array[N] int<lower=1, upper=J_Item> Item;  // level of Item
  real prior_mean_b_height;  // default prior, scaled by the data
  real prior_sd_b_height;  // default prior, scaled by the data
  vector[K_Kind] prior_mean_b_Kind;  // default prior, scaled by the data
  vector[K_Kind] prior_sd_b_Kind;  // default prior, scaled by the data
}
parameters {
  real b_Intercept;  // Intercept
  real b_height;  // height
  vector[K_Kind] b_Kind;  // Kind
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Item_Intercept;  // sd of Intercept by Item
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
  vector[J_Item] z_Item;  // standard normal numbers behind the effects of Item
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
  vector[J_Item] u_Item = sd_Item_Intercept * z_Item;  // effects of Item: Intercept
}
model {
  vector[N] eta = b_Intercept
      + b_height * height
      + Kind * b_Kind
      + u_Group[Group]
      + u_Item[Item]
      + offsets;
  b_Intercept ~ normal(0, 2);
  b_height ~ normal(prior_mean_b_height, prior_sd_b_height);
  b_Kind ~ normal(prior_mean_b_Kind, prior_sd_b_Kind);
  sd_Group_Intercept ~ normal(0, 1);
  sd_Item_Intercept ~ normal(0, 1);
  z_Group ~ std_normal();
  z_Item ~ std_normal();
  Y ~ poisson_log(eta);
}
