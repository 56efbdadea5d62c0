// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  array[N] int<lower=0> Y;  // response Y
  array[N] int<lower=0> Size;  // number of trials Size
  int<lower=0> K_Kind;  // levels of Kind but the reference
  matrix[N, K_Kind] Kind;  // 1 where Kind is the level, in order, the reference left out
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  real prior_mean_b_Intercept;  // default prior, scaled by the data
  real prior_sd_b_Intercept;  // default prior, scaled by the data
  vector[K_Kind] prior_mean_b_Kind;  // default prior, scaled by the data
  vector[K_Kind] prior_sd_b_Kind;  // default prior, scaled by the data
  real prior_rate_sd_Group_Intercept;  // default prior, scaled by the data
}
parameters {
  real b_Intercept;  // Intercept
  vector[K_Kind] b_Kind;  // Kind
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  vector[J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  vector[J_Group] u_Group = sd_Group_Intercept * z_Group;  // effects of Group: Intercept
}
model {
  vector[N] eta = b_Intercept + Kind * b_Kind + u_Group[Group];
  b_Intercept ~ normal(prior_mean_b_Intercept, prior_sd_b_Intercept);
  b_Kind ~ normal(prior_mean_b_Kind, prior_sd_b_Kind);
  sd_Group_Intercept ~ exponential(prior_rate_sd_Group_Intercept);
  z_Group ~ std_normal();
  Y ~ binomial(Size, inv_cloglog(eta));
}
