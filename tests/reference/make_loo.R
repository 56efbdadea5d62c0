# Writes loo_draws.csv and loo_expected.csv, the reference of tests/Inference/LeaveOneOutTests.cs.
# Run in the folder of this file: Rscript make_loo.R. Needs the R package loo.

suppressPackageStartupMessages(library(loo))

# Log likelihoods of twelve rows in 400 draws: rows nearer and nearer to the edge of what the posterior can say of them, the last three beyond it.
set.seed(20240811)
S <- 400
mu <- 0.35 * rnorm(S)
tau <- exp(0.12 * rnorm(S))
y <- c(0, 0.3, -0.5, 1, 1.5, 2, -2.2, 2.5, 3, -3.5, 4, 6)
ll <- sapply(y, function(v) dnorm(v, mu, tau, log = TRUE))
ll <- round(ll, 8)

colnames(ll) <- paste0("row", seq_along(y))
header <- sprintf("# R %s.%s, loo %s", R.version$major, R.version$minor, packageVersion("loo"))
write_csv <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(table, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
}
write_csv(format(as.data.frame(ll), nsmall = 8, digits = 15, trim = TRUE, scientific = FALSE), "loo_draws.csv")

rows <- list()
add <- function(efficiency, quantity, row, value) {
  rows[[length(rows) + 1]] <<- data.frame(efficiency = efficiency, quantity = quantity, row = row, value = sprintf("%.17g", value))
}
for (efficiency in c(1, 0.4)) {
  fit <- suppressWarnings(loo(ll, r_eff = rep(efficiency, ncol(ll))))
  for (i in seq_along(y)) {
    add(efficiency, "elpd_loo", i, fit$pointwise[i, "elpd_loo"])
    add(efficiency, "p_loo", i, fit$pointwise[i, "p_loo"])
    add(efficiency, "pareto_k", i, fit$diagnostics$pareto_k[i])
  }
  for (quantity in rownames(fit$estimates)) {
    add(efficiency, quantity, 0, fit$estimates[quantity, "Estimate"])
    add(efficiency, paste0("se_", quantity), 0, fit$estimates[quantity, "SE"])
  }
}
fit <- suppressWarnings(waic(ll))
for (i in seq_along(y)) {
  add(1, "elpd_waic", i, fit$pointwise[i, "elpd_waic"])
  add(1, "p_waic", i, fit$pointwise[i, "p_waic"])
}
for (quantity in rownames(fit$estimates)) {
  add(1, quantity, 0, fit$estimates[quantity, "Estimate"])
  add(1, paste0("se_", quantity), 0, fit$estimates[quantity, "SE"])
}

# The difference of two fits of the same rows: the second knows the sd.
other <- round(sapply(y, function(v) dnorm(v, mu, 1.2, log = TRUE)), 8)
a <- suppressWarnings(loo(ll, r_eff = rep(1, ncol(ll))))
b <- suppressWarnings(loo(other, r_eff = rep(1, ncol(ll))))
difference <- loo_compare(list(a = a, b = b))
add(1, "elpd_diff", 0, difference[2, "elpd_diff"])
add(1, "se_diff", 0, difference[2, "se_diff"])
for (i in seq_along(y)) add(1, "elpd_loo_other", i, b$pointwise[i, "elpd_loo"])
write_csv(do.call(rbind, rows), "loo_expected.csv")
