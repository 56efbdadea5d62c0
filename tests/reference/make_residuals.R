# Writes residuals.csv: residuals of lme4's fits at the estimates and modes. Run in this folder: Rscript make_residuals.R
library(lme4)
digits <- function(x) formatC(x, digits = 17, format = "g")
part <- function(model, fit, size = 1, scaled = FALSE) data.frame(
  model = model,
  row = seq_along(fitted(fit)),
  response = digits(residuals(fit, type = "response") * size),
  pearson = digits(residuals(fit, type = "pearson", scaled = scaled)))
sleep <- read.csv("../data/sleepstudy.csv", comment.char = "#")
names(sleep) <- c("Reaction", "Days", "Subject")
cbpp <- read.csv("../data/cbpp.csv", comment.char = "#")
cbpp$herd <- factor(cbpp$herd)
cbpp$period <- factor(cbpp$period)
lmm <- lmer(Reaction ~ Days + (Days | Subject), sleep, REML = FALSE,
  control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5)))
glmm <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, family = binomial, control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
out <- rbind(part("sleepstudy", lmm, scaled = TRUE), part("cbpp", glmm, size = cbpp$size))
con <- file("residuals.csv", "w")
writeLines(paste0("# ", R.version.string, ", lme4 ", packageVersion("lme4")), con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
