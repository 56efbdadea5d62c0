// A multilevel model of Y, written by TypedPooling.
data {
  int<lower=1> N;  // rows
  array[N] int<lower=0> Y;  // response Y
  array[N] int<lower=0> Size;  // number of trials Size
  int<lower=0> K_Kind;  // levels of Kind but the reference
  matrix[N, K_Kind] Kind;  // 1 where Kind is the level, in order, the reference left out
  int<lower=1> J_Group;  // levels of Group
  array[N] int<lower=1, upper=J_Group> Group;  // level of Group
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
  b_Intercept ~ normal(0, 1.5);
  b_Kind ~ student_t(5, 0, 1);
  sd_Group_Intercept ~ exponential(1);
  z_Group ~ std_normal();
  Y ~ binomial_logit(Size, eta);
}
