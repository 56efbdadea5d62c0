// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Y;  // response Y
  vector[N] days_from_22;  // X - 22
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  real prior_mean_b_Intercept;  // default prior, scaled by the data
  real prior_sd_b_Intercept;  // default prior, scaled by the data
  real prior_rate_sigma;  // default prior, scaled by the data
}
parameters {
  real b_Intercept;  // Intercept
  real b_days_from_22;  // days from 22
  real<lower=0> sigma;  // sigma
  real<lower=1> degrees_of_freedom;  // degrees of freedom
  cov_matrix[2] Sigma_Group;  // covariance of the effects of Group
  vector<lower=0>[2] w_Group;  // mixing variables of its prior
  matrix[2, J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 2] u_Group = (cholesky_decompose(Sigma_Group) * z_Group)';  // effects of Group: Intercept, days from 22
}
model {
  vector[N] eta = b_Intercept
      + b_days_from_22 * days_from_22
      + u_Group[Group, 1]
      + u_Group[Group, 2] .* days_from_22;
  b_Intercept ~ normal(prior_mean_b_Intercept, prior_sd_b_Intercept);
  b_days_from_22 ~ double_exponential(6, 2);
  sigma ~ exponential(prior_rate_sigma);
  degrees_of_freedom ~ gamma(2, 0.1);
  w_Group[1] ~ gamma(0.5, inv_square(20));
  w_Group[2] ~ gamma(0.5, inv_square(2));
  Sigma_Group ~ inv_wishart(3, diag_matrix(4 * w_Group));
  to_vector(z_Group) ~ std_normal();
  Y ~ student_t(degrees_of_freedom, eta, sigma);
}
generated quantities {
  real sd_Group_Intercept = sqrt(Sigma_Group[1, 1]);
  real sd_Group_days_from_22 = sqrt(Sigma_Group[2, 2]);
  real cor_Group_Intercept_days_from_22 = Sigma_Group[1, 2] / (sd_Group_Intercept * sd_Group_days_from_22);
}
