# Writes diagnostics_draws.csv and diagnostics_expected.csv, the reference of tests/Draws/DiagnosticsTests.cs.
# Run in the folder of this file: Rscript make_diagnostics.R. Needs the R package posterior.

suppressPackageStartupMessages(library(posterior))
suppressWarnings(RNGversion("3.6.0"))
set.seed(20240229)

# Autoregression of order 1 with variance 1. Matrix: draws a chain x chains.
autoregression <- function(n, chains, rho) {
  sapply(seq_len(chains), function(chain) {
    as.numeric(stats::filter(rnorm(n, sd = sqrt(1 - rho^2)), rho, "recursive", init = rnorm(1)))
  })
}

# A slow chain too long for a file. The test computes the same doubles: an integer generator (Lewis, Goodman and Miller, 1969), exact in
# double arithmetic, then one product and one sum a draw.
long_slow <- function(n, chains, rho) {
  sapply(seq_len(chains), function(chain) {
    state <- chain
    x <- numeric(n)
    last <- 0
    for (i in seq_len(n)) {
      state <- (16807 * state) %% 2147483647
      last <- rho * last + (state / 2147483647 - 0.5)
      x[i] <- last
    }
    x
  })
}

shifted <- matrix(rnorm(1000), 250)
shifted[, 3] <- shifted[, 3] + 1
widened <- matrix(rnorm(1000), 250)
widened[, 2] <- 2 * widened[, 2]
stuck <- matrix(rnorm(400), 100)
stuck[, 4] <- 0.1

cases <- list(
  iid = matrix(rnorm(1000), 250),
  slow = autoregression(250, 4, 0.9),
  antithetic = autoregression(250, 4, -0.5),
  cauchy = matrix(rcauchy(1000), 250),
  shifted = shifted,
  widened = widened,
  ties = matrix(rpois(1000, 2), 250),
  binary = matrix(rbinom(400, 1, 0.3), 100),
  one_chain = autoregression(250, 1, 0.5),
  odd = autoregression(101, 3, 0.6),
  stuck_chain = stuck,
  stuck_chains = matrix(rep(c(0.1, 0.2, 0.3, 0.4), each = 20), 20),
  alternating = matrix(rep(c(1, -1.5), 40) + rnorm(80, sd = 0.01), 20),
  far_from_zero = 1e6 + matrix(rnorm(400), 100),
  short6 = matrix(rnorm(24), 6),
  short11 = matrix(rnorm(22), 11),
  short12 = matrix(rnorm(24), 12),
  constant = matrix(0.1, 20, 2),
  not_a_number = matrix(c(NaN, rnorm(39)), 20)
)
# Rounded, so that the file is short and what is read is what was used.
cases <- lapply(cases, round, digits = 8)

number <- function(x) ifelse(is.na(x), "NaN", ifelse(is.infinite(x), ifelse(x > 0, "Inf", "-Inf"), sprintf("%.17g", x)))
short_number <- function(x) ifelse(is.na(x), "NaN", format(x, digits = 15, trim = TRUE, scientific = FALSE, drop0trailing = TRUE))

draws <- do.call(rbind, lapply(names(cases), function(name) {
  x <- cases[[name]]
  data.frame(case = name, chain = as.vector(col(x)), draw = vapply(as.vector(x), short_number, ""))
}))
write.csv(draws, "diagnostics_draws.csv", row.names = FALSE, quote = FALSE)

reread <- read.csv("diagnostics_draws.csv")
probabilities <- c(0, 0.05, 0.055, 0.25, 0.5, 0.9, 0.945, 1)
expected <- function(name, x) {
  row <- function(quantity, value, p = "") data.frame(case = name, quantity = quantity, p = p, value = number(as.numeric(value)))
  rbind(
    row("chains", ncol(x)),
    row("mean", mean(x)),
    row("sd", sd(x)),
    row("rhat", rhat(x)),
    row("ess_bulk", ess_bulk(x)),
    row("ess_tail", ess_tail(x)),
    row("ess_mean", ess_mean(x)),
    row("ess_sd", ess_sd(x)),
    row("mcse_mean", mcse_mean(x)),
    row("mcse_sd", mcse_sd(x)),
    row("mcse_median", mcse_median(x)),
    row("quantile", quantile2(x, probabilities), probabilities),
    row("ess_quantile", ess_quantile(x, probabilities), probabilities),
    row("mcse_quantile", mcse_quantile(x, probabilities), probabilities)
  )
}
rows <- lapply(names(cases), function(name) {
  here <- reread[reread$case == name, ]
  x <- matrix(here$draw, ncol = max(here$chain))
  stopifnot(isTRUE(all.equal(x, unname(cases[[name]]), tolerance = 0, check.attributes = FALSE)))
  suppressWarnings(expected(name, x))
})
# n is even, so the middle of a chain is not left out; correlation lasts for a thousand lags.
rows <- c(rows, list(expected("long_slow", long_slow(6000, 2, 0.999))))

con <- file("diagnostics_expected.csv", "w")
writeLines(sprintf("# %s, posterior %s, written by make_diagnostics.R", R.version.string, packageVersion("posterior")), con)
write.csv(do.call(rbind, rows), con, row.names = FALSE, quote = FALSE)
close(con)
