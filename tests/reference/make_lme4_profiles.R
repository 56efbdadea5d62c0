# Writes lme4_profiles.csv: profile-likelihood intervals (95 %) of ML fits by lme4, bisected on refits and so free of confint's spline.
# Rscript make_lme4_profiles.R, in this folder; data in ../data.
suppressPackageStartupMessages(library(lme4))
options(digits = 15)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-9), check.conv.singular = "ignore", check.conv.grad = "ignore")

# -2 log likelihood of y ~ X beta + groups with one sd or sigma held: direct maximisation over the others.
deviance_at <- function(fit, which, value) {
    X <- getME(fit, "X"); y <- getME(fit, "y"); Zt <- getME(fit, "Zt"); n <- length(y)
    Lind <- getME(fit, "Lind"); Lambdat <- getME(fit, "Lambdat")
    pars <- as.data.frame(VarCorr(fit), order = "lower.tri")
    flist <- getME(fit, "cnms")
    theta0 <- getME(fit, "theta"); sigma0 <- sigma(fit)
    # free parameters: absolute Lambda elements and log sigma; the constraint is put in by rescaling a row
    q <- lengths(flist)
    objective <- function(par) {
        sigma <- if (which == "sigma") value else exp(par[length(par)])
        theta <- par[seq_along(theta0)]
        at <- 0
        for (k in seq_along(q)) {
            m <- matrix(0, q[k], q[k]); len <- q[k] * (q[k] + 1) / 2
            m[lower.tri(m, diag = TRUE)] <- theta[at + seq_len(len)]
            row <- match(which, paste0("sd:", names(flist)[k], ":", flist[[k]]))
            if (!is.na(row)) m[row, ] <- if (value == 0) 0 else value * m[row, ] / sqrt(sum(m[row, ]^2))
            theta[at + seq_len(len)] <- m[lower.tri(m, diag = TRUE)]
            at <- at + len
        }
        Lt <- Lambdat; Lt@x <- theta[Lind]
        V <- as.matrix(crossprod(Lt %*% Zt)) + diag(sigma^2, n)
        R <- chol(V)
        A <- backsolve(R, cbind(X, y), transpose = TRUE)
        Xs <- A[, seq_len(ncol(X)), drop = FALSE]; ys <- A[, ncol(A)]
        n * log(2 * pi) + 2 * sum(log(diag(R))) + sum(qr.resid(qr(Xs), ys)^2)
    }
    best <- Inf; start <- c(theta0 * sigma0, log(sigma0))
    for (try in 1:3) {
        o <- optim(start, objective, method = "Nelder-Mead", control = list(maxit = 4000, reltol = 1e-14, parscale = pmax(abs(start), 0.1)))
        o <- optim(o$par, objective, method = "BFGS", control = list(maxit = 500, reltol = 1e-14, parscale = pmax(abs(o$par), 0.1)))
        best <- min(best, o$value); start <- o$par
    }
    best
}

out <- data.frame()
add <- function(name, fit, which, estimate) {
    least <- -2 * as.numeric(logLik(fit)); limit <- qchisq(0.95, 1)
    f <- function(v) deviance_at(fit, which, v) - least - limit
    lower <- if (which != "sigma" && f(0) < 0) 0 else uniroot(f, c(if (which == "sigma") 0.2 * estimate else 1e-6, estimate), tol = 1e-7 * estimate)$root
    top <- 2 * estimate; while (f(top) < 0) top <- 2 * top
    upper <- uniroot(f, c(estimate, top), tol = 1e-7 * estimate)$root
    out <<- rbind(out, data.frame(model = name, parameter = which, lower = lower, upper = upper))
}
sleep <- read.csv("../data/sleepstudy.csv")
fit <- lmer(Reaction ~ Days + (Days | Subject), sleep, REML = FALSE, control = control)
for (p in list(c("sd:Subject:(Intercept)", 23.78), c("sd:Subject:Days", 5.717), c("sigma", 25.59))) add("sleepstudy", fit, p[1], as.numeric(p[2]))
dye <- read.csv("../data/dyestuff.csv")
fit <- lmer(Yield ~ 1 + (1 | Batch), dye, REML = FALSE, control = control)
for (p in list(c("sd:Batch:(Intercept)", 37.26), c("sigma", 49.51))) add("dyestuff", fit, p[1], as.numeric(p[2]))
pastes <- read.csv("../data/pastes.csv")
fit <- lmer(strength ~ 1 + (1 | sample) + (1 | batch), pastes, REML = FALSE, control = control)
for (p in list(c("sd:sample:(Intercept)", 2.904), c("sd:batch:(Intercept)", 1.095), c("sigma", 0.8234))) add("pastes", fit, p[1], as.numeric(p[2]))
write.csv(format(out, digits = 10), "lme4_profiles.csv", row.names = FALSE, quote = FALSE)
print(out); print(confint(lmer(Reaction ~ Days + (Days | Subject), sleep, REML = FALSE), quiet = TRUE))
