// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Y;  // response Y
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  int<lower=1> J_Item;  // levels of Item
  array[N] int<lower=1, upper=J_Item> Item;  // level of Item
}
parameters {
  real b_Intercept;  // Intercept
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Item_Intercept;  // sd of Intercept by Item
  real<lower=0> sigma;  // sigma
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
  vector[J_Item] z_Item;  // standard normal numbers behind the effects of Item
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
  vector[J_Item] u_Item = sd_Item_Intercept * z_Item;  // effects of Item: Intercept
}
model {
  vector[N] eta = b_Intercept + u_Group[Group] + u_Item[Item];
  b_Intercept ~ cauchy(20, 5);
  sd_Group_Intercept ~ student_t(3, 0, 2);
  sd_Item_Intercept ~ normal(0, 3);
  target += inv_gamma_lpdf(square(sigma) | 2, 0.5) + log(sigma);
  z_Group ~ std_normal();
  z_Item ~ std_normal();
  Y ~ normal(eta, sigma);
}
