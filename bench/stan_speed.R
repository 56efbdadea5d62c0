# Effective draws a second by Stan of three models of bench/TypedPooling.Bench: the table of bench/README.md.
# Run in the folder of this file: Rscript stan_speed.R. Needs the R packages rstan and posterior. Takes a few minutes, most of them the compiler's.
# 4 chains of 1,000 warmup and 1,000 draws on two cores; the time is that of sampling, warmup included, compilation not. The worst parameter is the one of least bulk ESS among population effects, sds and group effects.

suppressPackageStartupMessages({
  library(rstan)
  library(posterior)
})
if (!nzchar(system.file("include", package = "BH"))) rstan_options(boost_lib = tempdir())
read <- function(name) read.csv(file.path("..", "tests", "data", paste0(name, ".csv")))

tadpoles <- read("reedfrogs")
houses <- read("seattle_housing")
counts <- read("counts")

models <- list(
  tadpoles = list(
    data = list(N = nrow(tadpoles), y = tadpoles$surv, n = tadpoles$density),
    pars = c("a_bar", "s", "u"),
    code = "
data { int<lower=1> N; int<lower=0> y[N]; int<lower=0> n[N]; }
parameters { vector[N] a; real a_bar; real<lower=0> s; }
model {
  y ~ binomial_logit(n, a);
  a ~ normal(a_bar, s);
  a_bar ~ normal(0, 1.5);
  s ~ exponential(1);
}
generated quantities { vector[N] u = a - a_bar; }"),
  # The program of the lecture, flat priors.
  bathrooms = list(
    data = list(N = nrow(houses), J = length(unique(houses$zipcode)), y = as.integer(houses$bathrooms > 2), g = match(houses$zipcode, unique(houses$zipcode))),
    pars = c("mu", "sigma", "u"),
    code = "
data { int<lower=1> N; int<lower=1> J; int<lower=0, upper=1> y[N]; int<lower=1, upper=J> g[N]; }
parameters { vector[J] theta; real mu; real<lower=0> sigma; }
model {
  theta ~ normal(mu, sigma);
  y ~ bernoulli_logit(theta[g]);
}
generated quantities { vector[J] u = theta - mu; }"),
  poisson = list(
    data = list(N = nrow(counts), J = max(counts$group), y = counts$y, x = counts$x, log_exposure = log(counts$exposure), g = counts$group),
    pars = c("b", "tau", "u"),
    code = "
data { int<lower=1> N; int<lower=1> J; int<lower=0> y[N]; vector[N] x; vector[N] log_exposure; int<lower=1, upper=J> g[N]; }
parameters { vector[2] b; real<lower=0> tau; vector[J] free; }
transformed parameters { vector[J] u = tau * free; }
model {
  y ~ poisson_log(log_exposure + b[1] + b[2] * x + u[g]);
  b[1] ~ normal(0, 2);
  b[2] ~ normal(0, 1);
  tau ~ exponential(1);
  free ~ std_normal();
}"),
  # The same centred: with some eleven rows a group this is the better one, and what Stan's users would end with.
  poisson_centred = list(
    data = list(N = nrow(counts), J = max(counts$group), y = counts$y, x = counts$x, log_exposure = log(counts$exposure), g = counts$group),
    pars = c("b", "tau", "u"),
    code = "
data { int<lower=1> N; int<lower=1> J; int<lower=0> y[N]; vector[N] x; vector[N] log_exposure; int<lower=1, upper=J> g[N]; }
parameters { vector[2] b; real<lower=0> tau; vector[J] c; }
model {
  y ~ poisson_log(log_exposure + b[2] * x + c[g]);
  c ~ normal(b[1], tau);
  b[1] ~ normal(0, 2);
  b[2] ~ normal(0, 1);
  tau ~ exponential(1);
}
generated quantities { vector[J] u = c - b[1]; }"))

load <- function() if (file.exists("/proc/loadavg")) strsplit(readLines("/proc/loadavg"), " ")[[1]][1] else "unknown"
for (name in names(models)) {
  model <- models[[name]]
  compiling <- system.time(compiled <- stan_model(model_code = model$code))[["elapsed"]]
  runs <- sapply(1:3, function(seed) {
    before <- load()
    time <- system.time(fit <- sampling(
      compiled, data = model$data, chains = 4, cores = 2, warmup = 1000, iter = 2000, seed = seed, refresh = 0, pars = model$pars))[["elapsed"]]
    processor <- max(tapply(rowSums(get_elapsed_time(fit)), rep(1:2, 2), sum))
    draws <- as.array(fit)
    ess <- sapply(setdiff(dimnames(draws)$parameters, "lp__"), function(variable) ess_bulk(draws[, , variable]))
    message(sprintf(
      "%s, seed %d: %.2f s of sampling (chains alone %.2f s), worst ESS %.0f (%s), %d divergences, load %s",
      name, seed, time, processor, min(ess), names(which.min(ess)), get_num_divergent(fit), before))
    c(rate = min(ess) / time, alone = min(ess) / processor, time = time, ess = min(ess))
  })
  middle <- apply(runs, 1, median)
  message(sprintf(
    "%s: compiled in %.0f s; medians: %.2f s, worst ESS %.0f, %.0f a second (%.0f by the time of the chains alone)",
    name, compiling, middle["time"], middle["ess"], middle["rate"], middle["alone"]))
}
