// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  array[N] int<lower=0, upper=1> Y;  // response Y
  vector[N] X;  // column
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  int<lower=1> J_Item;  // levels of Item
  array[N] int<lower=1, upper=J_Item> Item;  // level of Item
}
transformed data {
  real sd_Item_Intercept = 0.5;  // sd of Intercept by Item, known
}
parameters {
  real b_X;  // X
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Group_X;  // sd of X by Group
  matrix[J_Group, 2] z_Group;  // standard normal numbers behind the effects of Group
  vector[J_Item] z_Item;  // standard normal numbers behind the effects of Item
}
transformed parameters {
  matrix[J_Group, 2] u_Group = diag_post_multiply(z_Group, [sd_Group_Intercept, sd_Group_X]');  // effects of Group: Intercept, X
  vector[J_Item] u_Item = sd_Item_Intercept * z_Item;  // effects of Item: Intercept
}
model {
  vector[N] eta = b_X * X + u_Group[Group, 1] + u_Group[Group, 2] .* X + u_Item[Item];
  // b_X has a flat prior
  sd_Group_Intercept ~ exponential(1);
  sd_Group_X ~ exponential(1);
  to_vector(z_Group) ~ std_normal();
  z_Item ~ std_normal();
  Y ~ bernoulli(Phi(eta));
}
