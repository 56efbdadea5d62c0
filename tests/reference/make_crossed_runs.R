# Writes crossed_runs.csv, the reference of tests/Reference/CrossedRunTests.cs: long runs of NUTS on models of one and of two grouping factors.
# Run in the folder of this file: Rscript make_crossed_runs.R. Needs the R packages rstan and posterior; takes some minutes on two cores.
# With names of models as arguments it runs these again and keeps the rows of the others: each model has a seed of its own.

suppressPackageStartupMessages({
  library(rstan)
  library(posterior)
})

# y_i ~ Normal(x_i'b + z_i'u[g_i] + w[h_i], sigma), u[j] ~ MVN(0, diag(tau) R diag(tau)), w[k] ~ Normal(0, tau2); R ~ LKJ(eta).
# Scale priors: kind 1 exponential with rate a; 2 half-normal with sd a; 3 inverse gamma(a, b) of the variance; 4 half-Student-t with b degrees of freedom and scale a.
functions <- "
functions {
  real scale_lpdf(real s, int kind, real a, real b) {
    if (kind == 1) return exponential_lpdf(s | a);
    if (kind == 2) return normal_lpdf(s | 0, a);
    if (kind == 3) return inv_gamma_lpdf(square(s) | a, b) + log(s);
    return student_t_lpdf(s | b, 0, a);
  }
}
"
program <- paste0(functions, "
data {
  int<lower=1> N;
  int<lower=1> P;
  int<lower=1> Q;
  int<lower=1> J;
  int<lower=0> K;
  vector[N] y;
  matrix[N, P] X;                       // its first Q columns vary over g
  int<lower=1, upper=J> g[N];
  int<lower=0, upper=K> h[N];           // all 0 where K is 0
  vector[P] b_mean;
  vector<lower=0>[P] b_sd;
  int tau_kind[Q];
  vector[Q] tau_a;
  vector[Q] tau_b;
  int tau2_kind;
  real tau2_a;
  real tau2_b;
  int sigma_kind;
  real sigma_a;
  real sigma_b;
  real<lower=0> eta;
}
parameters {
  vector[P] b;
  vector<lower=0>[Q] tau;
  real<lower=0> tau2_free[K > 0];
  real<lower=0> sigma;
  cholesky_factor_corr[Q] L;
  matrix[Q, J] g_free;
  vector[K] h_free;
}
transformed parameters {
  matrix[J, Q] u;
  vector[K] w = h_free;
  u = (diag_pre_multiply(tau, L) * g_free)';
  if (K > 0) w *= tau2_free[1];
}
model {
  vector[N] mean_y = X * b + rows_dot_product(X[, 1:Q], u[g]);
  if (K > 0) mean_y += w[h];
  y ~ normal(mean_y, sigma);
  b ~ normal(b_mean, b_sd);
  for (k in 1:Q) target += scale_lpdf(tau[k] | tau_kind[k], tau_a[k], tau_b[k]);
  target += scale_lpdf(sigma | sigma_kind, sigma_a, sigma_b);
  L ~ lkj_corr_cholesky(eta);
  to_vector(g_free) ~ std_normal();
  if (K > 0) {
    target += scale_lpdf(tau2_free[1] | tau2_kind, tau2_a, tau2_b);
    h_free ~ std_normal();
  }
}
generated quantities {
  real tau2 = K > 0 ? tau2_free[1] : 0;
  matrix[Q, Q] R = multiply_lower_tri_self_transpose(L);
}
")

# The same with an intercept alone that varies over g, u integrated out: nested factors are hard to tell apart, and this leaves no funnel.
# With r = y - X b - w[h] the levels are independent and r has in level j the covariance sigma^2 I + tau^2 11'. Each u[j] is then drawn from its normal conditional.
integrated <- paste0(functions, "
data {
  int<lower=1> N;
  int<lower=1> P;
  int<lower=1> J;
  int<lower=0> K;
  vector[N] y;
  matrix[N, P] X;
  int<lower=1, upper=J> g[N];
  int<lower=0, upper=K> h[N];
  int<lower=0, upper=1> centred;        // how w is parametrised: no part of the model
  vector[P] b_mean;
  vector<lower=0>[P] b_sd;
  int tau_kind[1];
  vector[1] tau_a;
  vector[1] tau_b;
  int tau2_kind;
  real tau2_a;
  real tau2_b;
  int sigma_kind;
  real sigma_a;
  real sigma_b;
}
transformed data {
  matrix[J, N] G = rep_matrix(0, J, N);
  vector[J] n;
  for (i in 1:N) G[g[i], i] = 1;
  n = G * rep_vector(1, N);
}
parameters {
  vector[P] b;
  vector<lower=0>[1] tau;
  real<lower=0> tau2_free[K > 0];
  real<lower=0> sigma;
  vector[K] h_free;
}
transformed parameters {
  vector[K] w = h_free;
  if (K > 0 && !centred) w *= tau2_free[1];
}
model {
  vector[N] r = y - X * b;
  vector[J] v = square(sigma) + n * square(tau[1]);
  if (K > 0) r -= w[h];
  target += -(N - J) * log(sigma) - 0.5 * sum(log(v)) - 0.5 * (dot_self(r) - square(tau[1]) * sum(square(G * r) ./ v)) / square(sigma);
  b ~ normal(b_mean, b_sd);
  target += scale_lpdf(tau[1] | tau_kind[1], tau_a[1], tau_b[1]);
  target += scale_lpdf(sigma | sigma_kind, sigma_a, sigma_b);
  if (K > 0) {
    target += scale_lpdf(tau2_free[1] | tau2_kind, tau2_a, tau2_b);
    if (centred) h_free ~ normal(0, tau2_free[1]);
    else h_free ~ std_normal();
  }
}
generated quantities {
  real tau2 = K > 0 ? tau2_free[1] : 0;
  matrix[J, 1] u;
  {
    vector[N] r = y - X * b;
    vector[J] v = square(sigma) + n * square(tau[1]);
    vector[J] sums;
    if (K > 0) r -= w[h];
    sums = G * r;
    for (j in 1:J) u[j, 1] = normal_rng(square(tau[1]) * sums[j] / v[j], sigma * tau[1] / sqrt(v[j]));
  }
}
")

# Debian keeps Boost where the compiler looks by itself, and rstan only wants to see some folder.
if (!nzchar(system.file("include", package = "BH"))) rstan_options(boost_lib = tempdir())
programs <- list(all = program, integrated = integrated)
compiled <- list()

exponential <- function(rate) list(kind = 1, a = rate, b = 0)
half_normal <- function(sd) list(kind = 2, a = sd, b = 0)
inverse_gamma <- function(shape, scale) list(kind = 3, a = shape, b = scale)
half_student_t <- function(df, scale) list(kind = 4, a = scale, b = df)

# Levels are numbered in order of first appearance.
number <- function(keys) match(keys, unique(keys))
read <- function(name) read.csv(file.path("..", "data", paste0(name, ".csv")), colClasses = "character")

problem <- function(y, columns, g, h = NULL, b, tau, tau2 = exponential(1), sigma, eta = 1, centred = FALSE, varying = length(tau)) {
  part <- function(name) as.array(vapply(tau, function(prior) prior[[name]], 1))
  list(
    N = length(y), P = length(b), Q = varying, J = max(number(g)), K = if (is.null(h)) 0 else max(number(h)),
    centred = as.integer(centred), y = y, X = do.call(cbind, columns), g = number(g), h = if (is.null(h)) rep(0L, length(y)) else number(h),
    b_mean = as.array(vapply(b, function(prior) prior[1], 1)), b_sd = as.array(vapply(b, function(prior) prior[2], 1)),
    tau_kind = part("kind"), tau_a = part("a"), tau_b = part("b"),
    tau2_kind = tau2$kind, tau2_a = tau2$a, tau2_b = tau2$b, sigma_kind = sigma$kind, sigma_a = sigma$a, sigma_b = sigma$b, eta = eta)
}

penicillin <- read("penicillin")
pastes <- read("pastes")
radon <- read("radon")
sleepstudy <- read("sleepstudy")
ones <- function(data) rep(1, nrow(data))
days <- as.numeric(sleepstudy$Days)

# The first factor of a model is its u, the second its w.
models <- list(
  penicillin = problem(
    as.numeric(penicillin$diameter), list(ones(penicillin)), penicillin$plate, penicillin$sample,
    b = list(c(23, 5)), tau = list(exponential(1)), tau2 = exponential(0.5), sigma = exponential(1), centred = TRUE),
  pastes = problem(
    as.numeric(pastes$strength), list(ones(pastes)), paste(pastes$batch, pastes$cask), pastes$batch,
    b = list(c(60, 5)), tau = list(half_normal(3)), tau2 = half_normal(3), sigma = half_normal(2)),
  pastes_conjugate = problem(
    as.numeric(pastes$strength), list(ones(pastes)), paste(pastes$batch, pastes$cask), pastes$batch,
    b = list(c(60, 5)), tau = list(inverse_gamma(2, 4)), tau2 = inverse_gamma(2, 1), sigma = inverse_gamma(2, 1)),
  radon = problem(
    as.numeric(radon$log_radon), list(ones(radon), as.numeric(radon$floor)), radon$county,
    b = list(c(1, 2), c(0, 1)), tau = list(exponential(2)), sigma = exponential(1)),
  sleepstudy = problem(
    as.numeric(sleepstudy$Reaction), list(ones(sleepstudy), days), sleepstudy$Subject,
    b = list(c(250, 50), c(10, 10)), tau = list(half_student_t(4, 25), half_student_t(4, 10)), sigma = half_normal(50), eta = 1),
  sleepstudy_days = problem(
    as.numeric(sleepstudy$Reaction), list(ones(sleepstudy), days), sleepstudy$Subject, sleepstudy$Days,
    b = list(c(250, 50), c(10, 10)), tau = list(exponential(1 / 25), exponential(1 / 10)), tau2 = exponential(1 / 10), sigma = exponential(1 / 25), eta = 2)
)

settings <- data.frame(
  row.names = names(models),
  seed = 20240701 + seq_along(models),
  program = c("integrated", "integrated", "integrated", "integrated", "all", "all"),
  draws = c(12000, 15000, 12000, 6000, 10000, 10000),
  adapt_delta = c(0.9, 0.95, 0.95, 0.9, 0.9, 0.95))

# The effects of the first ten levels of each factor.
wanted <- function(data) {
  pairs <- expand.grid(j = seq_len(min(10, data$J)), k = seq_len(data$Q))
  c(
    sprintf("b[%d]", seq_len(data$P)), sprintf("tau[%d]", seq_len(data$Q)), if (data$K > 0) "tau2", "sigma", if (data$Q == 2) "R[1,2]",
    sprintf("u[%d,%d]", pairs$j, pairs$k), if (data$K > 0) sprintf("w[%d]", seq_len(min(10, data$K))))
}

summarise <- function(name) {
  data <- models[[name]]
  set <- settings[name, ]
  if (is.null(compiled[[set$program]])) compiled[[set$program]] <<- stan_model(model_code = programs[[set$program]])
  time <- system.time(fit <- sampling(
    compiled[[set$program]], data = data, chains = 4, cores = 2, warmup = 1500, iter = 1500 + set$draws, seed = set$seed, refresh = 0,
    pars = c("b", "tau", "tau2", "sigma", if (set$program == "all") "R", "u", "w"), control = list(adapt_delta = set$adapt_delta)))
  draws <- as.array(fit)
  rows <- do.call(rbind, lapply(wanted(data), function(variable) {
    x <- draws[, , variable]
    q <- quantile2(x, c(0.05, 0.055, 0.25, 0.5, 0.75, 0.945, 0.95))
    data.frame(
      model = name, variable = variable, mean = mean(x), sd = sd(x),
      q5 = q[1], q5.5 = q[2], q25 = q[3], q50 = q[4], q75 = q[5], q94.5 = q[6], q95 = q[7],
      rhat = rhat(x), ess_bulk = ess_bulk(x), ess_tail = ess_tail(x), mcse_mean = mcse_mean(x), mcse_sd = mcse_sd(x))
  }))
  message(sprintf(
    "%s: %.0f s, %d divergences, deepest tree %d, least bulk ESS %.0f (%s), least tail ESS %.0f (%s), greatest R-hat %.4f",
    name, time[["elapsed"]], get_num_divergent(fit), max(unlist(lapply(get_sampler_params(fit, inc_warmup = FALSE), function(s) s[, "treedepth__"]))),
    min(rows$ess_bulk), rows$variable[which.min(rows$ess_bulk)], min(rows$ess_tail), rows$variable[which.min(rows$ess_tail)], max(rows$rhat)))
  rows
}

write <- function(rows) {
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], function(x) sprintf("%.10g", x))
  con <- file("crossed_runs.csv", "w")
  on.exit(close(con))
  writeLines(sprintf("# %s, rstan %s, posterior %s, written by make_crossed_runs.R", R.version.string, packageVersion("rstan"), packageVersion("posterior")), con)
  write.csv(rows, con, row.names = FALSE, quote = 2)
}

chosen <- commandArgs(trailingOnly = TRUE)
rows <- if (length(chosen) > 0) read.csv("crossed_runs.csv", comment.char = "#") else NULL
for (name in if (length(chosen) > 0) chosen else names(models)) {
  rows <- rbind(rows[rows$model != name, ], summarise(name))
  write(rows[order(match(rows$model, names(models))), ])
}
