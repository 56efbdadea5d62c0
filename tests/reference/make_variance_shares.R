# Writes variance_shares.csv: ICC and R^2 of two fits by glmer, by the formulas of Nakagawa, Johnson and Schielzeth (2017) written out, and on the scale
# of the response by integrate() over the varying intercept (Goldstein, Browne and Rasbash, 2002).
# Run in the folder of this file: Rscript make_variance_shares.R. Needs the R package lme4; takes a second.

suppressPackageStartupMessages(library(lme4))
out <- NULL
add <- function(case, quantity, value) out <<- rbind(out, data.frame(case, quantity, value = sprintf("%.17g", value)))

shares <- function(case, fixed, tau2, errors, mu, variance) {
  v_f <- var(fixed$x)
  for (name in names(errors)) {
    whole <- v_f + tau2 + errors[[name]]
    add(case, paste(name, "marginal"), v_f / whole)
    add(case, paste(name, "conditional"), (v_f + tau2) / whole)
    add(case, paste(name, "icc"), tau2 / (tau2 + errors[[name]]))
  }
  over <- function(f) sapply(fixed$eta, function(e)
    integrate(function(u) f(e + u) * dnorm(u, 0, sqrt(tau2)), -10 * sqrt(tau2), 10 * sqrt(tau2), rel.tol = 1e-12)$value)
  m <- over(mu)
  v_u <- mean(over(function(eta) mu(eta)^2) - m^2)
  v_e <- mean(over(variance))
  add(case, "Response marginal", var(m) / (var(m) + v_u + v_e))
  add(case, "Response conditional", (var(m) + v_u) / (var(m) + v_u + v_e))
  add(case, "Response icc", v_u / (v_u + v_e))
}
control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12)

cbpp <- transform(read.csv("../data/cbpp.csv"), herd = factor(herd), period = factor(period))
fit <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial, control = control)
eta <- as.vector(model.matrix(fit) %*% fixef(fit))
shares("cbpp", list(x = eta, eta = eta), VarCorr(fit)$herd[1], list(Latent = pi^2 / 3), plogis, function(e) plogis(e) * plogis(-e))

counts <- transform(read.csv("../data/counts.csv"), group = factor(group))
fit <- glmer(y ~ x + (1 | group) + offset(log(exposure)), counts, poisson, control = control)
eta <- as.vector(model.matrix(fit) %*% fixef(fit))
tau2 <- VarCorr(fit)$group[1]
lambda <- mean(counts$exposure * exp(eta + tau2 / 2))
shares("counts", list(x = eta, eta = eta + log(counts$exposure)), tau2,
  list(Latent = trigamma(lambda), LatentLogNormal = log(1 + 1 / lambda), LatentDelta = 1 / lambda), exp, exp)

con <- file("variance_shares.csv", "wb")
writeLines(paste0("# R ", getRversion(), ", lme4 ", packageVersion("lme4")), con)
write.csv(out, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
