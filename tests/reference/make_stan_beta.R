# Writes stan_beta.csv: long runs of NUTS on two Beta regressions of ../data/shares.csv (make_glmmtmb_beta.R simulates these data).
# Run in the folder of this file: Rscript make_stan_beta.R. Needs the R packages rstan and posterior; takes some minutes on two cores.
# With names of models as arguments it runs these again and keeps the rows of the others: each model has a seed of its own.

suppressPackageStartupMessages({
  library(rstan)
  library(posterior)
})

# The first Q columns of X vary by group. A group's coefficients c = b + u are centred at b: its rows inform them more than their prior does.
program <- "
data {
  int<lower=1> N;
  int<lower=1> J;
  int<lower=1, upper=2> Q;
  vector<lower=0, upper=1>[N] y;
  matrix[N, 2] X;
  int<lower=1, upper=J> g[N];
}
parameters {
  vector[2] b;
  vector<lower=0>[Q] tau;
  real<lower=0> phi;
  cholesky_factor_corr[Q] L;
  vector[Q] c[J];
}
transformed parameters {
  matrix[J, Q] u;
  for (j in 1:J) u[j] = (c[j] - b[1:Q])';
}
model {
  y ~ beta_proportion(inv_logit(X * b + rows_dot_product(X[, 1:Q], u[g])), phi);
  b[1] ~ normal(0, 1.5);
  b[2] ~ normal(0, 1);
  tau ~ exponential(1);
  phi ~ gamma(2, 0.1);
  L ~ lkj_corr_cholesky(2);
  c ~ multi_normal_cholesky(b[1:Q], diag_pre_multiply(tau, L));
}
generated quantities {
  matrix[Q, Q] R = multiply_lower_tri_self_transpose(L);
}
"

# Debian keeps Boost where the compiler looks by itself, and rstan only wants to see some folder.
if (!nzchar(system.file("include", package = "BH"))) rstan_options(boost_lib = tempdir())
compiled <- stan_model(model_code = program)

shares <- read.csv("../data/shares.csv")
problem <- function(varying) list(
  N = nrow(shares), J = max(shares$group), Q = varying, y = shares$y, X = cbind(1, shares$x),
  g = match(shares$group, unique(shares$group)))
models <- list(beta_intercepts = problem(1L), beta_slopes = problem(2L))
seeds <- c(beta_intercepts = 20241130, beta_slopes = 20241201)

wanted <- function(data) {
  pairs <- expand.grid(k = seq_len(data$Q), j = seq_len(data$J))
  c("b[1]", "b[2]", sprintf("tau[%d]", seq_len(data$Q)), "phi", if (data$Q == 2) "R[2,1]", sprintf("u[%d,%d]", pairs$j, pairs$k))
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
  depth <- unlist(lapply(get_sampler_params(fit, inc_warmup = FALSE), function(s) s[, "treedepth__"]))
  message(sprintf(
    "%s: %.0f s, %d divergences, deepest tree %d, least bulk ESS %.0f (%s), greatest R-hat %.4f",
    name, time[["elapsed"]], get_num_divergent(fit), max(depth),
    min(rows$ess_bulk), rows$variable[which.min(rows$ess_bulk)], max(rows$rhat)))
  rows
}

write <- function(rows) {
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], function(x) sprintf("%.10g", x))
  con <- file("stan_beta.csv", "w")
  on.exit(close(con))
  versions <- sprintf("rstan %s, posterior %s", packageVersion("rstan"), packageVersion("posterior"))
  writeLines(sprintf("# %s, %s, written by make_stan_beta.R", R.version.string, versions), con)
  write.csv(rows, con, row.names = FALSE, quote = 2)
}

chosen <- commandArgs(trailingOnly = TRUE)
rows <- if (length(chosen) > 0) read.csv("stan_beta.csv", comment.char = "#") else NULL
for (name in if (length(chosen) > 0) chosen else names(models)) {
  rows <- rbind(rows[rows$model != name, ], summarise(name))
  write(rows[order(match(rows$model, names(models))), ])
}
