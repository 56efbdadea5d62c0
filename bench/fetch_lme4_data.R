# Writes three data sets of R's lme4 as CSV files, for the benchmarks glmer-verbagg, glmer-grouseticks, glmer-insteval and reml-insteval.
# Usage: Rscript fetch_lme4_data.R <folder>. Needs lme4. The data come under lme4's licence (GPL 2 or later): keep the folder outside this repository.

folder <- commandArgs(TRUE)
if (length(folder) != 1) stop("Usage: Rscript fetch_lme4_data.R <folder outside this repository>")
dir.create(folder, FALSE, TRUE)
write_data <- function(data, name) {
  con <- file(file.path(folder, name), "wb")
  on.exit(close(con))
  write.csv(data, con, row.names = FALSE, quote = FALSE, eol = "\n")
}
data(VerbAgg, grouseticks, InstEval, package = "lme4", envir = environment())

# Item names of VerbAgg ("S1WantCurse") and all other keys hold no comma, so that no field is quoted.
write_data(VerbAgg[c("Anger", "Gender", "item", "id", "btype", "situ", "r2")], "verbagg.csv")
write_data(grouseticks[c("INDEX", "TICKS", "BROOD", "HEIGHT", "YEAR", "LOCATION", "cHEIGHT")], "grouseticks.csv")
write_data(transform(InstEval[c("s", "d", "service", "dept", "y")], high = as.integer(as.integer(y) >= 4)), "insteval.csv")
