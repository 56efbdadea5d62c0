// A multilevel model of Wait, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector[N] Wait;  // response Wait
  vector[N] Afternoon;  // X
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
}
parameters {
  real b_Intercept;  // Intercept
  real b_Afternoon;  // Afternoon
  real<lower=0> sd_Group_Intercept;  // sd of Intercept by Group
  real<lower=0> sd_Group_Afternoon;  // sd of Afternoon by Group
  real<lower=0> sigma;  // sigma
  cholesky_factor_corr[2] L_Group;  // of the correlation matrix of Group
  matrix[2, J_Group] z_Group;  // standard normal numbers behind the effects of Group
}
transformed parameters {
  matrix[J_Group, 2] u_Group = (diag_pre_multiply([sd_Group_Intercept, sd_Group_Afternoon]', L_Group) * z_Group)';  // effects of Group: Intercept, Afternoon
}
model {
  vector[N] eta = b_Intercept
      + b_Afternoon * Afternoon
      + u_Group[Group, 1]
      + u_Group[Group, 2] .* Afternoon;
  b_Intercept ~ normal(5, 2);
  b_Afternoon ~ normal(-1, 0.5);
  sd_Group_Intercept ~ exponential(1);
  sd_Group_Afternoon ~ exponential(1);
  sigma ~ exponential(1);
  L_Group ~ lkj_corr_cholesky(2);
  to_vector(z_Group) ~ std_normal();
  Wait ~ normal(eta, sigma);
}
generated quantities {
  real cor_Group_Intercept_Afternoon = dot_product(L_Group[1], L_Group[2]);
}
