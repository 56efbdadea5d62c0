// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector<lower=0>[N] Y;  // response Y
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  int<lower=1> J_Group_Item;  // levels of Group/Item
  array[N] int<lower=1, upper=J_Group_Item> Group_Item;  // level of Group/Item
}
parameters {
  real b_Intercept;  // Intercept
  real<lower=0, upper=1> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Group_Item_Intercept;  // sd of Intercept by Group/Item
  real<lower=0> sigma;  // sigma
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
  vector[J_Group_Item] z_Group_Item;  // standard normal numbers behind the effects of Group/Item
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
  vector[J_Group_Item] u_Group_Item = sd_Group_Item_Intercept * z_Group_Item;  // effects of Group/Item: Intercept
}
model {
  vector[N] eta = b_Intercept + u_Group[Group] + u_Group_Item[Group_Item];
  b_Intercept ~ student_t(4, 4, 1);
  sd_Group_Intercept ~ uniform(0, 1);
  sd_Group_Item_Intercept ~ gamma(2, 20);
  sigma ~ normal(0, 0.1);
  z_Group ~ std_normal();
  z_Group_Item ~ std_normal();
  Y ~ lognormal(eta, sigma);
}
