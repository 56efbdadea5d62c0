# Writes no_pooling.csv: coefficients of every level by maximum likelihood, without pooling, glm(y ~ x + factor(group) - 1) and its like for other
# families. Estimates and log likelihoods are glm's, glm.nb's and glmmTMB's; standard errors come from the observed information of all parameters
# together: glm's own where the link is canonical, the Jacobian of glmmTMB's gradient elsewhere. Groups without events are left out of fits by
# glmmTMB; they have no finite estimate, and the others keep theirs.
# Run in the folder of this file: Rscript make_no_pooling.R. Needs the R packages MASS, glmmTMB and numDeriv; takes some seconds.

suppressPackageStartupMessages({
  library(MASS)
  library(glmmTMB)
  library(numDeriv)
})

out <- NULL
add <- function(case, quantity, term, value) {
  out <<- rbind(out, data.frame(case, quantity, term, value = sprintf("%.17g", value)))
}

by_glm <- function(case, fit) {
  se <- sqrt(diag(vcov(fit)))
  finite <- abs(coef(fit)) < 12
  add(case, "coef", names(coef(fit))[finite], coef(fit)[finite])
  add(case, "se", names(coef(fit))[finite], se[finite])
  if (any(!finite)) add(case, "infinite", names(coef(fit))[!finite], sign(coef(fit)[!finite]))
  add(case, "loglik", "", logLik(fit))
}

# Polishes glmmTMB's optimum by Newton's method and takes the Jacobian of its gradient there.
by_tmb <- function(case, formula, data, family) {
  fit <- glmmTMB(formula, data, family = family)
  obj <- fit$obj
  at <- fit$fit$par
  for (i in 1:4) at <- at - solve(jacobian(obj$gr, at), as.vector(obj$gr(at)))
  stopifnot(max(abs(obj$gr(at))) < 1e-8)
  se <- sqrt(diag(solve(jacobian(obj$gr, at))))
  beta <- names(at) == "beta"
  terms <- names(fixef(fit)$cond)
  add(case, "coef", terms, at[beta])
  add(case, "se", terms, se[beta])
  rest <- at[!beta]
  for (k in seq_along(rest)) add(case, names(rest)[k], as.character(k), rest[k])
  add(case, "loglik", "", -obj$fn(at))
}

cbpp <- transform(read.csv("../data/cbpp.csv"), herd = factor(herd), period = factor(period))
sick <- droplevels(subset(cbpp, ave(incidence, herd, FUN = sum) > 0))
control <- glm.control(epsilon = 1e-15, maxit = 200)
by_glm("cbpp_logit", suppressWarnings(glm(cbind(incidence, size - incidence) ~ 0 + herd + period, binomial, cbpp, control = control)))
by_tmb("cbpp_probit", cbind(incidence, size - incidence) ~ 0 + herd + period, sick, binomial("probit"))
by_tmb("cbpp_cloglog", cbind(incidence, size - incidence) ~ 0 + herd + period, sick, binomial("cloglog"))

counts <- transform(read.csv("../data/counts.csv"), group = factor(group))
by_glm("counts_poisson", glm(y ~ 0 + group + group:x + offset(log(exposure)), poisson, counts, control = control))
by_tmb("counts_nb", y ~ 0 + group + x + offset(log(exposure)), counts, nbinom2)
nb <- glm.nb(y ~ 0 + group + x + offset(log(exposure)), counts, control = control)
add("counts_nb", "glm.nb coef", names(coef(nb)), coef(nb))
add("counts_nb", "glm.nb theta", "", nb$theta)

costs <- transform(read.csv("../data/costs_crossed.csv"), shop = factor(shop))
by_tmb("costs_gamma", cost ~ 0 + shop + x, costs, Gamma("log"))

shares <- transform(read.csv("../data/shares.csv"), group = factor(group))
by_tmb("shares_beta", y ~ 0 + group + group:x, shares, beta_family())

# No package here estimates nu with the rest: minus the log likelihood written out, theta = (coefficients, log sigma, log nu).
sleep <- transform(read.csv("../data/sleepstudy.csv"), Subject = factor(Subject))
x <- model.matrix(~ 0 + Subject + Days, sleep)
minus <- function(theta) {
  p <- ncol(x)
  sigma <- exp(theta[p + 1])
  -sum(dt((sleep$Reaction - x %*% theta[1:p]) / sigma, exp(theta[p + 2]), log = TRUE) - log(sigma))
}
ls <- lm(Reaction ~ 0 + Subject + Days, sleep)
slope <- function(theta) {
  p <- ncol(x)
  s2 <- exp(2 * theta[p + 1])
  nu <- exp(theta[p + 2])
  r <- as.vector(sleep$Reaction - x %*% theta[1:p])
  share <- r^2 / (nu * s2 + r^2)
  on_nu <- 0.5 * (digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / nu - log1p(r^2 / (nu * s2)) + (nu + 1) / nu * share)
  -c(colSums(x * ((nu + 1) * r / (nu * s2 + r^2))), sum((nu + 1) * share - 1), nu * sum(on_nu))
}
at <- nlminb(c(coef(ls), log(25), log(4)), minus, slope, control = list(rel.tol = 1e-15, iter.max = 2000, eval.max = 4000))$par
stopifnot(max(abs(slope(at) - grad(minus, at))) < 1e-5)
for (i in 1:4) at <- at - solve(jacobian(slope, at), slope(at))
se <- sqrt(diag(solve(jacobian(slope, at))))
k <- seq_len(ncol(x))
add("sleep_t", "coef", colnames(x), at[k])
add("sleep_t", "se", colnames(x), se[k])
add("sleep_t", "log sigma", "", at[ncol(x) + 1])
add("sleep_t", "log nu", "", at[ncol(x) + 2])
add("sleep_t", "loglik", "", -minus(at))

con <- file("no_pooling.csv", "wb")
writeLines(paste0("# R ", getRversion(), ", MASS ", packageVersion("MASS"), ", glmmTMB ", packageVersion("glmmTMB"), ", numDeriv ", packageVersion("numDeriv")), con)
write.csv(out, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
