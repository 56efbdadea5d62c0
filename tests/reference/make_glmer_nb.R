# Counts that vary more than Poisson counts do, fitted by glmer.nb: glmer_nb_data.csv and glmer_nb.csv.
# R 4.2 with lme4. Run in this folder: Rscript make_glmer_nb.R
suppressMessages(library(lme4))
set.seed(71)
groups <- 15
rows <- 240
data <- data.frame(group = paste0("g", rep(seq_len(groups), length.out = rows)), x = round(rnorm(rows), 2), exposure = sample(c(0.5, 1, 2, 4), rows, TRUE))
effect <- rnorm(groups, 0, 0.6)
mu <- data$exposure * exp(0.4 + 0.5 * data$x + effect[as.integer(substring(data$group, 2))])
data$y <- rnbinom(rows, size = 2.5, mu = mu)
write.csv(data, "glmer_nb_data.csv", row.names = FALSE, quote = FALSE)

fit <- glmer.nb(y ~ x + offset(log(exposure)) + (1 | group), data = data,
                control = glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e5, rhoend = 1e-9)))

# glmer.nb stops a one-dimensional search at 1e-4 or so: the profile over the shape once more, to its end.
profile <- optimize(function(t) -2 * as.numeric(logLik(lme4:::refitNB(fit, exp(t)))), log(getME(fit, "glmer.nb.theta")) + c(-0.1, 0.1), tol = 1e-8)
best <- lme4:::refitNB(fit, exp(profile$minimum))
write.csv(data.frame(
  what = c("logLik", "shape", "sd", "intercept", "x", "deviance"),
  value = format(c(as.numeric(logLik(best)), exp(profile$minimum), as.data.frame(VarCorr(best))$sdcor[1], fixef(best), deviance(best)), digits = 12, trim = TRUE)
), "glmer_nb.csv", row.names = FALSE, quote = FALSE)
