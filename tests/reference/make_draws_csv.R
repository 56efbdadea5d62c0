# Reads draws_csv.csv, and draws_csv_1.csv and draws_csv_2.csv, one a chain, as the library wrote them (the test DrawCsvTests writes the same bytes), and
# writes draws_csv_expected.csv: what R's read.csv and the package posterior found in them.
# Run in the folder of this file, in a locale of UTF-8: LC_ALL=C.UTF-8 Rscript make_draws_csv.R. Needs the R package posterior.

suppressPackageStartupMessages(library(posterior))
read <- function(file) read.csv(file, comment.char = "#", check.names = FALSE, encoding = "UTF-8")

draws <- as_draws_df(read("draws_csv.csv"))
chains <- lapply(1:2, function(chain) as_draws_df(read(sprintf("draws_csv_%d.csv", chain))))
stopifnot(nchains(chains[[1]]) == 1, identical(variables(chains[[1]]), variables(draws)))
bound <- do.call(bind_draws, c(chains, along = "chain"))

rows <- list()
for (variable in variables(draws)) {
  values <- extract_variable_matrix(draws, variable)
  found <- c(nchains = nchains(draws), niterations = niterations(draws), nan = sum(is.nan(values)), inf = sum(values == Inf, na.rm = TRUE),
             mean = mean(values), rhat = rhat(values), ess_bulk = ess_bulk(values),
             mean_of_chain_files = mean(extract_variable_matrix(bound, variable)))
  rows[[length(rows) + 1]] <- data.frame(variable = variable, quantity = names(found), value = sprintf("%.17g", found))
}
writeLines(sprintf("# R %s.%s, posterior %s", R.version$major, R.version$minor, packageVersion("posterior")), "draws_csv_expected.csv")
suppressWarnings(write.table(do.call(rbind, rows), "draws_csv_expected.csv", append = TRUE, sep = ",", row.names = FALSE, qmethod = "double",
                             fileEncoding = "UTF-8"))
