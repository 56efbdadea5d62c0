// A multilevel model of Yield, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Yield;  // response Yield
  vector<lower=0>[N] Z;  // count Z
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
}
parameters {
  real b_Intercept;  // Intercept
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sigma;  // sigma
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
}
model {
  vector[N] eta = b_Intercept + u_Group[Group];
  b_Intercept ~ normal(1500, 100);
  sd_Group_Intercept ~ exponential(0.02);
  sigma ~ cauchy(0, 50);
  z_Group ~ std_normal();
  for (i in 1:N) {
    target += Z[i] * normal_lpdf(Yield[i] | eta[i], sigma);
  }
}
