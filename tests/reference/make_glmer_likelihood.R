# Writes glmer_profiles.csv (95 % profile-likelihood intervals), glmer_tests.csv (likelihood-ratio tests) and likelihood_covariances.csv
# (covariance matrices of all estimates). Rscript make_glmer_likelihood.R, in this folder; data in ../data.
# Intervals: confint(method = "profile") interpolates by splines; beside it the same deviance function (devFunOnly, stage 2: theta, then beta) is
# minimised over the other parameters and its crossing found by uniroot. nAGQ = 1 throughout: profiles need it.
suppressPackageStartupMessages({library(lme4); library(numDeriv); library(glmmTMB)})
options(digits = 15)
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(rhoend = 1e-10, maxfun = 1e5), check.conv.grad = "ignore", check.conv.singular = "ignore")
cbpp2 <- read.csv("../data/cbpp.csv"); cbpp2$period <- factor(cbpp2$period); cbpp2$herd <- factor(cbpp2$herd)
trials <- read.csv("../data/trials_crossed.csv"); trials$subject <- factor(trials$subject); trials$item <- factor(trials$item)
fits <- list(
    cbpp = glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp2, binomial, control = control),
    trials = glmer(cbind(successes, size - successes) ~ x + (1 | subject) + (1 | item), trials, binomial, control = control))
devfuns <- list(
    cbpp = glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp2, binomial, control = control, devFunOnly = TRUE),
    trials = glmer(cbind(successes, size - successes) ~ x + (1 | subject) + (1 | item), trials, binomial, control = control, devFunOnly = TRUE))
minimise <- function(f, start) {
    o <- list(par = start)
    for (i in 1:4) o <- nlminb(o$par, f, control = list(rel.tol = 1e-15, x.tol = 1e-12, eval.max = 5000, iter.max = 2000))
    o
}
out <- data.frame()
for (m in names(fits)) {
    fit <- fits[[m]]; dev <- devfuns[[m]]
    best <- minimise(function(p) dev(p), c(getME(fit, "theta"), fixef(fit)))
    own <- c(paste0("sd:", names(getME(fit, "flist"))[seq_along(getME(fit, "theta"))]), names(fixef(fit)))
    shown <- confint(fit, method = "profile", quiet = TRUE)
    for (i in seq_along(best$par)) {
        limit <- qchisq(0.95, 1)
        near <- best$par[-i]
        excess <- function(v) {
            o <- minimise(function(p) { full <- numeric(length(best$par)); full[i] <- v; full[-i] <- p; dev(full) }, near)
            near <<- o$par; o$objective - best$objective - limit
        }
        width <- max(0.3, diff(shown[i, ]) / 2, na.rm = TRUE)
        lower <- if (i <= length(getME(fit, "theta")) && excess(0) < 0) 0 else {
            near <- best$par[-i]; low <- if (i <= length(getME(fit, "theta"))) 0 else best$par[i] - 1.5 * width
            uniroot(excess, c(low, best$par[i] - 1e-6), tol = 1e-9)$root }
        near <- best$par[-i]
        upper <- uniroot(excess, c(best$par[i] + 1e-6, best$par[i] + 2 * width), tol = 1e-9)$root
        out <- rbind(out, data.frame(model = m, parameter = own[i], lower = lower, upper = upper, confint_lower = shown[i, 1], confint_upper = shown[i, 2]))
    }
}
print(out)
write.csv(format(out, digits = 10), "glmer_profiles.csv", row.names = FALSE, quote = FALSE)

tests <- data.frame()
add <- function(name, small, large) {
    chi <- 2 * as.numeric(logLik(large) - logLik(small)); df <- attr(logLik(large), "df") - attr(logLik(small), "df")
    tests <<- rbind(tests, data.frame(test = name, chisq = chi, df = df, p = pchisq(chi, df, lower.tail = FALSE)))
}
noperiod <- glmer(cbind(incidence, size - incidence) ~ 1 + (1 | herd), cbpp2, binomial, control = control)
print(anova(noperiod, fits$cbpp)); add("cbpp_period", noperiod, fits$cbpp)
noherd <- glm(cbind(incidence, size - incidence) ~ period, binomial, cbpp2)
add("cbpp_herd", noherd, fits$cbpp)
noitem <- glmer(cbind(successes, size - successes) ~ x + (1 | subject), trials, binomial, control = control)
print(anova(noitem, fits$trials)); add("trials_item", noitem, fits$trials)
write.csv(format(tests, digits = 12), "glmer_tests.csv", row.names = FALSE, quote = FALSE)

# Covariances: twice the inverse Hessian of -2 log likelihood (Richardson's extrapolation) in the parameters as reported.
covs <- data.frame()
record <- function(name, names, V) for (a in seq_along(names)) for (b in seq_len(a))
    covs <<- rbind(covs, data.frame(model = name, row = names[a], column = names[b], value = V[a, b]))
for (m in names(fits)) {
    fit <- fits[[m]]; dev <- devfuns[[m]]
    best <- minimise(function(p) dev(p), c(getME(fit, "theta"), fixef(fit)))
    own <- c(paste0("sd:", names(getME(fit, "flist"))[seq_along(getME(fit, "theta"))]), names(fixef(fit)))
    record(m, own, 2 * solve(hessian(function(p) dev(p), best$par, method.args = list(d = 0.01))))
}
# Normal, ML: the dense log likelihood of sleepstudy in (beta, sds, correlation, sigma); then of some of its rows, 4 to 8 of each subject.
normal <- function(name, sleep) {
    fit <- lmer(Reaction ~ Days + (Days | Subject), sleep, REML = FALSE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
    X <- cbind(1, sleep$Days); groups <- split(seq_len(nrow(sleep)), sleep$Subject)
    deviance_of <- function(p) {
        S <- diag(p[3:4]) %*% matrix(c(1, p[5], p[5], 1), 2) %*% diag(p[3:4])
        sum(sapply(groups, function(i) {
            V <- X[i, , drop = FALSE] %*% S %*% t(X[i, , drop = FALSE]) + diag(p[6]^2, length(i))
            r <- sleep$Reaction[i] - X[i, , drop = FALSE] %*% p[1:2]
            as.numeric(determinant(V)$modulus) + sum(r * solve(V, r)) }))
    }
    vc <- as.data.frame(VarCorr(fit))$sdcor
    o <- minimise(function(z) deviance_of(c(z[1:2], exp(z[3:4]), tanh(z[5]), exp(z[6]))), c(fixef(fit), log(vc[1:2]), atanh(vc[3]), log(vc[4])))
    p <- c(o$par[1:2], exp(o$par[3:4]), tanh(o$par[5]), exp(o$par[6]))
    record(name, c("(Intercept)", "Days", "sd:(Intercept)", "sd:Days", "cor", "sigma"), 2 * solve(hessian(deviance_of, p)))
}
sleep <- read.csv("../data/sleepstudy.csv"); i <- seq_len(nrow(sleep)) - 1
normal("sleepstudy", sleep)
normal("sleepstudy_some", sleep[(7 * i) %% 11 < 4 + (i %/% 10) %% 6, ])
# Negative binomial by glmmTMB: vcov(full = TRUE) is of (beta, log shape, log sd); carried to (beta, shape, sd).
counts <- read.csv("../data/counts.csv"); counts$group <- factor(counts$group)
nb <- glmmTMB(y ~ x + offset(log(exposure)) + (1 | group), counts, family = nbinom2,
    control = glmmTMBControl(optCtrl = list(rel.tol = 1e-14, x.tol = 1e-12, iter.max = 2000, eval.max = 4000)))
V <- vcov(nb, full = TRUE); sd <- as.numeric(attr(VarCorr(nb)$cond$group, "stddev")); shape <- sigma(nb)
print(V); print(summary(nb)); print(packageVersion("glmmTMB"))
J <- diag(c(1, 1, shape, sd))
record("counts_nb", c("(Intercept)", "x", "shape", "sd:group"), J %*% V %*% J)
write.csv(format(covs, digits = 10), "likelihood_covariances.csv", row.names = FALSE, quote = FALSE)
print(covs); print(packageVersion("lme4")); print(R.version.string)
