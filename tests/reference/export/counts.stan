// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  array[N] int<lower=0> Y;  // response Y
  vector<lower=0>[N] Size;  // exposure Size
  vector[N] X;  // column
  vector[N] Z;  // column
  vector[N] X_squared;  // X * X
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  real prior_mean_b_Intercept;  // default prior, scaled by the data
  real prior_sd_b_Intercept;  // default prior, scaled by the data
  real prior_mean_b_Z;  // default prior, scaled by the data
  real prior_sd_b_Z;  // default prior, scaled by the data
}
parameters {
  real b_Intercept;  // Intercept
  real<lower=-2, upper=2> b_X;  // X
  real b_Z;  // Z
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Group_X;  // sd of X by Group
  real<lower=0> sd_Group_X_squared;  // sd of X squared by Group
  real<lower=0> shape;  // shape
  cholesky_factor_corr[3] L_Group;  // of the correlation matrix of Group
  matrix[3, J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 3] u_Group = (diag_pre_multiply([sd_Group_Intercept, sd_Group_X, sd_Group_X_squared]', L_Group) * z_Group)';  // effects of Group: Intercept, X, X squared
}
model {
  vector[N] eta = b_Intercept
      + b_X * X
      + b_Z * Z
      + u_Group[Group, 1]
      + u_Group[Group, 2] .* X
      + u_Group[Group, 3] .* X_squared
      + log(Size);
  b_Intercept ~ normal(prior_mean_b_Intercept, prior_sd_b_Intercept);
  b_X ~ uniform(-2, 2);
  b_Z ~ normal(prior_mean_b_Z, prior_sd_b_Z);
  sd_Group_Intercept ~ exponential(1);
  sd_Group_X ~ exponential(1);
  sd_Group_X_squared ~ exponential(2);
  target += exponential_lpdf(inv_sqrt(shape) | 1) - 1.5 * log(shape);
  L_Group ~ lkj_corr_cholesky(2);
  to_vector(z_Group) ~ std_normal();
  Y ~ neg_binomial_2_log(eta, shape);
}
generated quantities {
  real cor_Group_Intercept_X = dot_product(L_Group[1], L_Group[2]);
  real cor_Group_Intercept_X_squared = dot_product(L_Group[1], L_Group[3]);
  real cor_Group_X_X_squared = dot_product(L_Group[2], L_Group[3]);
}
