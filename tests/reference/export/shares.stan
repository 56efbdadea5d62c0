// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector<lower=0, upper=1>[N] Y;  // response Y
  vector[N] X;  // column
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  real prior_rate_sd_Group_Intercept;  // default prior, scaled by the data
  real prior_rate_sd_Group_X;  // default prior, scaled by the data
}
parameters {
  real b_Intercept;  // Intercept
  real b_X;  // X
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Group_X;  // sd of X by Group
  real<lower=0> precision;  // precision
  matrix[J_Group, 2] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 2] u_Group = diag_post_multiply(z_Group, [sd_Group_Intercept, sd_Group_X]');  // effects of Group: Intercept, X
}
model {
  vector[N] eta = b_Intercept + b_X * X + u_Group[Group, 1] + u_Group[Group, 2] .* X;
  b_Intercept ~ normal(0, 1.5);
  b_X ~ normal(0, 1);
  sd_Group_Intercept ~ exponential(prior_rate_sd_Group_Intercept);
  sd_Group_X ~ exponential(prior_rate_sd_Group_X);
  target += exponential_lpdf(inv_sqrt(precision) | 1) - 1.5 * log(precision);
  to_vector(z_Group) ~ std_normal();
  Y ~ beta_proportion(inv_logit(eta), precision);
}
