// A multilevel model of yield, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] yield;  // response yield
  vector<lower=0>[N] gravity;  // precision weight gravity
  vector[N] temp;  // X
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  real origin_y;  // taken off the response
  real<lower=0> scale_y;  // by which the response is divided
  real origin_temp;  // taken off temp
  real<lower=0> scale_temp;  // by which temp is divided
  real prior_mean_b_Intercept_std;  // default prior, scaled by the data
  real prior_sd_b_Intercept_std;  // default prior, scaled by the data
  real prior_mean_b_temp_std;  // default prior, scaled by the data
  real prior_sd_b_temp_std;  // default prior, scaled by the data
  real prior_rate_sd_Group_Intercept_std;  // default prior, scaled by the data
  real prior_rate_sd_Group_temp_std;  // default prior, scaled by the data
  real prior_rate_sigma_std;  // default prior, scaled by the data
}
transformed data {
  vector[N] yield_std = (yield - origin_y) / scale_y;
  vector[N] temp_std = (temp - origin_temp) / scale_temp;
  matrix[2, 2] A_Group = [[scale_y, -origin_temp * scale_y / scale_temp], [0, scale_y / scale_temp]];  // from sampled to reported effects of Group
}
parameters {
  real b_Intercept_std;  // Intercept
  real b_temp_std;  // temp
  real<lower=0> sd_Group_Intercept_std;  // sd of Intercept by Group
  real<lower=0> sd_Group_temp_std;  // sd of temp by Group
  real<lower=0> sigma_std;  // sigma
  cholesky_factor_corr[2] L_Group;  // of the correlation matrix of Group
  matrix[2, J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 2] u_Group_std = (diag_pre_multiply([sd_Group_Intercept_std, sd_Group_temp_std]', L_Group) * z_Group)';  // effects of Group: Intercept, temp
}
model {
  vector[N] eta = b_Intercept_std
      + b_temp_std * temp_std
      + u_Group_std[Group, 1]
      + u_Group_std[Group, 2] .* temp_std;
  b_Intercept_std ~ normal(prior_mean_b_Intercept_std, prior_sd_b_Intercept_std);
  b_temp_std ~ normal(prior_mean_b_temp_std, prior_sd_b_temp_std);
  sd_Group_Intercept_std ~ exponential(prior_rate_sd_Group_Intercept_std);
  sd_Group_temp_std ~ exponential(prior_rate_sd_Group_temp_std);
  sigma_std ~ exponential(prior_rate_sigma_std);
  L_Group ~ lkj_corr_cholesky(1);
  to_vector(z_Group) ~ std_normal();
  yield_std ~ normal(eta, sigma_std * inv_sqrt(gravity));
}
generated quantities {
  real b_temp = b_temp_std * scale_y / scale_temp;
  real b_Intercept = origin_y + scale_y * b_Intercept_std - b_temp * origin_temp;
  real sigma = sigma_std * scale_y;
  matrix[J_Group, 2] u_Group = u_Group_std * A_Group';
  matrix[2, 2] Sigma_Group = quad_form_sym(multiply_lower_tri_self_transpose(diag_pre_multiply([sd_Group_Intercept_std, sd_Group_temp_std]', L_Group)), A_Group');
  real sd_Group_Intercept = sqrt(Sigma_Group[1, 1]);
  real sd_Group_temp = sqrt(Sigma_Group[2, 2]);
  real cor_Group_Intercept_temp = Sigma_Group[1, 2] / (sd_Group_Intercept * sd_Group_temp);
}
