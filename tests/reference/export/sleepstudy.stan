// A multilevel model of Reaction, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Reaction;  // response Reaction
  vector[N] Days;  // X
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  vector[2] origin_Group;  // point at which sds of Group are stated
  real prior_mean_b_Intercept;  // default prior, scaled by the data
  real prior_sd_b_Intercept;  // default prior, scaled by the data
  real prior_mean_b_Days;  // default prior, scaled by the data
  real prior_sd_b_Days;  // default prior, scaled by the data
  real prior_rate_sd_Group_Intercept_mid;  // default prior, scaled by the data
  real prior_rate_sd_Group_Days_mid;  // default prior, scaled by the data
  real prior_rate_sigma;  // default prior, scaled by the data
}
transformed data {
  matrix[2, 2] A_Group = [[1, -origin_Group[2]], [0, 1]];  // from sampled to reported effects of Group
}
parameters {
  real b_Intercept;  // Intercept
  real b_Days;  // Days
  real<lower=0> sd_Group_Intercept_mid;  // sd of Intercept by Group
  real<lower=0> sd_Group_Days_mid;  // sd of Days by Group
  real<lower=0> sigma;  // sigma
  cholesky_factor_corr[2] L_Group;  // of the correlation matrix of Group
  matrix[2, J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 2] u_Group_mid = (diag_pre_multiply([sd_Group_Intercept_mid, sd_Group_Days_mid]', L_Group) * z_Group)';  // effects of Group: Intercept, Days
}
model {
  vector[N] eta = b_Intercept
      + b_Days * Days
      + u_Group_mid[Group, 1]
      + u_Group_mid[Group, 2] .* (Days - origin_Group[2]);
  b_Intercept ~ normal(prior_mean_b_Intercept, prior_sd_b_Intercept);
  b_Days ~ normal(prior_mean_b_Days, prior_sd_b_Days);
  sd_Group_Intercept_mid ~ exponential(prior_rate_sd_Group_Intercept_mid);
  sd_Group_Days_mid ~ exponential(prior_rate_sd_Group_Days_mid);
  sigma ~ exponential(prior_rate_sigma);
  L_Group ~ lkj_corr_cholesky(1);
  to_vector(z_Group) ~ std_normal();
  Reaction ~ normal(eta, sigma);
}
generated quantities {
  matrix[J_Group, 2] u_Group = u_Group_mid * A_Group';
  matrix[2, 2] Sigma_Group = quad_form_sym(multiply_lower_tri_self_transpose(diag_pre_multiply([sd_Group_Intercept_mid, sd_Group_Days_mid]', L_Group)), A_Group');
  real sd_Group_Intercept = sqrt(Sigma_Group[1, 1]);
  real sd_Group_Days = sqrt(Sigma_Group[2, 2]);
  real cor_Group_Intercept_Days = Sigma_Group[1, 2] / (sd_Group_Intercept * sd_Group_Days);
}
