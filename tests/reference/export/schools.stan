// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Y;  // response Y
  vector<lower=0>[N] Size;  // known standard error Size
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
}
parameters {
  real b_Intercept;  // Intercept
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
}
model {
  vector[N] eta = b_Intercept + u_Group[Group];
  b_Intercept ~ normal(0, 5);
  sd_Group_Intercept ~ cauchy(0, 5);
  z_Group ~ std_normal();
  Y ~ normal(eta, Size);
}
