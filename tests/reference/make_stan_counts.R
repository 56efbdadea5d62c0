# Writes stan_counts.csv, the reference of tests/Reference/StanCountTests.cs: long runs of NUTS on three models of counts, and, where it is not there yet, their data, ../data/counts.csv, simulated.
# Run in the folder of this file: Rscript make_stan_counts.R. Needs the R packages rstan and posterior; takes some minutes on two cores.
# With names of models as arguments it runs these again and keeps the rows of the others: each model has a seed of its own.

suppressPackageStartupMessages({
  library(rstan)
  library(posterior)
})

# y_i ~ negative binomial with mean m_i = exposure_i exp(1 + 0.4 x_i + u_g) and variance m_i + m_i^2 / 3, u_g ~ Normal(0, 0.6).
simulate <- function() {
  set.seed(20240815)
  sizes <- sample(4:20, 30, replace = TRUE)
  group <- rep(seq_along(sizes), sizes)
  x <- round(rnorm(length(group)), 3)
  exposure <- sample(c(0.5, 1, 2, 4), length(group), replace = TRUE)
  u <- rnorm(length(sizes), 0, 0.6)
  y <- rnbinom(length(group), size = 3, mu = exposure * exp(1 + 0.4 * x + u[group]))
  con <- file("../data/counts.csv", "wb")
  on.exit(close(con))
  write.csv(data.frame(group, x, exposure, y), con, row.names = FALSE, quote = FALSE, eol = "\n")
}
if (!file.exists("../data/counts.csv")) simulate()

# The first Q columns of X vary by group, u = (diag(tau) L free)'; phi is there where overdispersed is 1.
program <- "
data {
  int<lower=1> N;
  int<lower=1> J;
  int<lower=1, upper=2> Q;
  int<lower=0, upper=1> overdispersed;
  int<lower=0> y[N];
  matrix[N, 2] X;
  vector[N] log_exposure;
  int<lower=1, upper=J> g[N];
}
parameters {
  vector[2] b;
  vector<lower=0>[Q] tau;
  real<lower=0> phi_free[overdispersed];
  cholesky_factor_corr[Q] L;
  matrix[Q, J] free;
}
transformed parameters {
  matrix[J, Q] u = (diag_pre_multiply(tau, L) * free)';
}
model {
  vector[N] eta = log_exposure + X * b + rows_dot_product(X[, 1:Q], u[g]);
  if (overdispersed) {
    y ~ neg_binomial_2_log(eta, phi_free[1]);
    phi_free[1] ~ gamma(2, 0.1);
  } else {
    y ~ poisson_log(eta);
  }
  b[1] ~ normal(0, 2);
  b[2] ~ normal(0, 1);
  tau ~ exponential(1);
  L ~ lkj_corr_cholesky(2);
  to_vector(free) ~ std_normal();
}
generated quantities {
  real phi = overdispersed ? phi_free[1] : 0;
  matrix[Q, Q] R = multiply_lower_tri_self_transpose(L);
}
"

# Debian keeps Boost where the compiler looks by itself, and rstan only wants to see some folder.
if (!nzchar(system.file("include", package = "BH"))) rstan_options(boost_lib = tempdir())
compiled <- stan_model(model_code = program)

counts <- read.csv("../data/counts.csv")
problem <- function(overdispersed, varying) list(
  N = nrow(counts), J = max(counts$group), Q = varying, overdispersed = overdispersed, y = counts$y,
  X = cbind(1, counts$x), log_exposure = log(counts$exposure), g = match(counts$group, unique(counts$group)))
models <- list(
  poisson = problem(0L, 1L),
  negative_binomial = problem(1L, 1L),
  negative_binomial_slopes = problem(1L, 2L))
seeds <- c(poisson = 20240816, negative_binomial = 20240817, negative_binomial_slopes = 20240818)

wanted <- function(data) {
  pairs <- expand.grid(k = seq_len(data$Q), j = seq_len(data$J))
  c(
    "b[1]", "b[2]", sprintf("tau[%d]", seq_len(data$Q)), if (data$overdispersed) "phi", if (data$Q == 2) "R[2,1]",
    sprintf("u[%d,%d]", pairs$j, pairs$k))
}

summarise <- function(name) {
  data <- models[[name]]
  time <- system.time(fit <- sampling(
    compiled, data = data, chains = 4, cores = 2, warmup = 2000, iter = 12000, seed = seeds[[name]], refresh = 0,
    pars = c("b", "tau", "phi", "R", "u"), control = list(adapt_delta = 0.95)))
  draws <- as.array(fit)
  rows <- do.call(rbind, lapply(wanted(data), function(variable) {
    x <- draws[, , variable]
    q <- quantile2(x, c(0.055, 0.25, 0.5, 0.75, 0.945))
    data.frame(
      model = name, variable = variable, mean = mean(x), sd = sd(x),
      q5.5 = q[1], q25 = q[2], q50 = q[3], q75 = q[4], q94.5 = q[5],
      rhat = rhat(x), ess_bulk = ess_bulk(x), mcse_mean = mcse_mean(x), mcse_sd = mcse_sd(x))
  }))
  message(sprintf(
    "%s: %.0f s, %d divergences, deepest tree %d, least bulk ESS %.0f (%s), greatest R-hat %.4f",
    name, time[["elapsed"]], get_num_divergent(fit), max(unlist(lapply(get_sampler_params(fit, inc_warmup = FALSE), function(s) s[, "treedepth__"]))),
    min(rows$ess_bulk), rows$variable[which.min(rows$ess_bulk)], max(rows$rhat)))
  rows
}

write <- function(rows) {
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], function(x) sprintf("%.10g", x))
  con <- file("stan_counts.csv", "w")
  on.exit(close(con))
  writeLines(sprintf("# %s, rstan %s, posterior %s, written by make_stan_counts.R", R.version.string, packageVersion("rstan"), packageVersion("posterior")), con)
  write.csv(rows, con, row.names = FALSE, quote = 2)
}

chosen <- commandArgs(trailingOnly = TRUE)
rows <- if (length(chosen) > 0) read.csv("stan_counts.csv", comment.char = "#") else NULL
for (name in if (length(chosen) > 0) chosen else names(models)) {
  rows <- rbind(rows[rows$model != name, ], summarise(name))
  write(rows[order(match(rows$model, names(models))), ])
}
