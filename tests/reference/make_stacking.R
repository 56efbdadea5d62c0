# Writes stacking.csv and stacking_expected.csv, the reference of tests/Dsl/StackingTests.cs.
# Run in the folder of this file: Rscript make_stacking.R. Needs the R package loo.

suppressPackageStartupMessages(library(loo))

# Log predictive densities of 60 rows by four models: two that are right for a part of the rows each, one between them, and one that is bad everywhere.
set.seed(20240901)
n <- 60
y <- c(rnorm(36, 0, 1), rnorm(24, 2.5, 0.7))
lpd <- cbind(
  a = dnorm(y, 0, 1.1, log = TRUE),
  b = dnorm(y, 2.4, 0.8, log = TRUE),
  c = dnorm(y, 1, 1.5, log = TRUE),
  d = dnorm(y, -4, 2, log = TRUE))
lpd <- round(lpd, 8)
header <- sprintf("# R %s.%s, loo %s", R.version$major, R.version$minor, packageVersion("loo"))
write_csv <- function(table, file) {
  writeLines(header, file)
  suppressWarnings(write.table(table, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
}
write_csv(format(as.data.frame(lpd), nsmall = 8, digits = 15, trim = TRUE, scientific = FALSE), "stacking.csv")

rows <- list()
for (models in c("ab", "abc", "abcd", "ad")) {
  chosen <- strsplit(models, "")[[1]]
  weights <- as.numeric(stacking_weights(lpd[, chosen], optim_control = list(reltol = 1e-12)))
  for (k in seq_along(chosen)) {
    rows[[length(rows) + 1]] <- data.frame(models = models, model = chosen[k], weight = sprintf("%.17g", weights[k]))
  }
}
write_csv(do.call(rbind, rows), "stacking_expected.csv")
