// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  vector<lower=0>[N] Y;  // response Y
  vector[N] X;  // column
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
  int<lower=1> J_Item;  // levels of Item
  array[N] int<lower=1, upper=J_Item> Item;  // level of Item
  real prior_mean_b_Intercept;  // default prior, scaled by the data
  real prior_sd_b_Intercept;  // default prior, scaled by the data
  real prior_mean_b_X;  // default prior, scaled by the data
  real prior_sd_b_X;  // default prior, scaled by the data
  real prior_rate_sd_Item_Intercept;  // default prior, scaled by the data
}
transformed data {
  matrix[2, 2] S_Group = [[0.5, 0], [0, 0.5]];
}
parameters {
  real b_Intercept;  // Intercept
  real b_X;  // X
  real<lower=0> sd_Item_Intercept;  // sd of Intercept by Item
  real<lower=0> shape;  // shape
  cov_matrix[2] Sigma_Group;  // covariance of the effects of Group
  matrix[2, J_Group] z_Group;  // standard normal numbers behind the effects of Group
  vector[J_Item] z_Item;  // standard normal numbers behind the effects of Item
}
transformed parameters {
  matrix[J_Group, 2] u_Group = (cholesky_decompose(Sigma_Group) * z_Group)';  // effects of Group: Intercept, X
  vector[J_Item] u_Item = sd_Item_Intercept * z_Item;  // effects of Item: Intercept
}
model {
  vector[N] eta = b_Intercept + b_X * X + u_Group[Group, 1] + u_Group[Group, 2] .* X + u_Item[Item];
  b_Intercept ~ normal(prior_mean_b_Intercept, prior_sd_b_Intercept);
  b_X ~ normal(prior_mean_b_X, prior_sd_b_X);
  sd_Item_Intercept ~ exponential(prior_rate_sd_Item_Intercept);
  target += exponential_lpdf(inv_sqrt(shape) | 1) - 1.5 * log(shape);
  Sigma_Group ~ inv_wishart(4, S_Group);
  to_vector(z_Group) ~ std_normal();
  z_Item ~ std_normal();
  Y ~ gamma(shape, shape * exp(-(eta)));
}
generated quantities {
  real sd_Group_Intercept = sqrt(Sigma_Group[1, 1]);
  real sd_Group_X = sqrt(Sigma_Group[2, 2]);
  real cor_Group_Intercept_X = Sigma_Group[1, 2] / (sd_Group_Intercept * sd_Group_X);
}
