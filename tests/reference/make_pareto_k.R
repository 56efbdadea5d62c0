# Writes pareto_k.csv, the reference of tests/Inference/ImportanceParetoTailTests.cs.
# Run in the folder of this file: Rscript make_pareto_k.R. Needs the R package loo.

suppressPackageStartupMessages(library(loo))

# u_i = fractional part of i * 0.6180339887498949, i = 1..S: the same doubles in any language, spread evenly over (0, 1).
cases <- list(
  pareto_0.3 = function(u) -0.3 * log(1 - u),
  pareto_0.7 = function(u) -0.7 * log(1 - u),
  pareto_1.2 = function(u) -1.2 * log(1 - u),
  exponential = function(u) log(-log(1 - u)),
  logistic = function(u) 2 * log(u / (1 - u)),
  bounded = function(u) log(u),
  shifted = function(u) 700 - 0.5 * log(1 - u),
  ties = function(u) floor(-20 * log(1 - u)) / 40
)

rows <- list()
for (case in names(cases)) {
  for (count in c(30, 1000, 10000, 20001)) {
    u <- (seq_len(count) * 0.6180339887498949) %% 1
    k <- suppressWarnings(psis(cases[[case]](u), r_eff = 1))$diagnostics$pareto_k
    rows[[length(rows) + 1]] <- data.frame(case = case, count = count, k = sprintf("%.17g", k))
  }
}
writeLines(sprintf("# R %s.%s, loo %s", R.version$major, R.version$minor, packageVersion("loo")), "pareto_k.csv")
suppressWarnings(write.table(do.call(rbind, rows), "pareto_k.csv", append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
