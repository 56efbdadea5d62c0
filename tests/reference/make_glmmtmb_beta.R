# Writes glmmtmb_beta.csv and glmmtmb_beta_models.csv: maximum likelihood of Beta regressions by glmmTMB,
# y_i ~ Beta(mu_i phi, (1 - mu_i) phi) and logit(mu_i) = eta_i.
# Where they are not there yet, it simulates the data: ../data/shares.csv and ../data/shares_crossed.csv.
# Run in the folder of this file: Rscript make_glmmtmb_beta.R. Needs the R packages glmmTMB and numDeriv; takes about a minute.

suppressPackageStartupMessages({
  library(glmmTMB)
  library(numDeriv)
})

write_data <- function(data, file) {
  con <- file(file, "wb")
  on.exit(close(con))
  write.csv(data, con, row.names = FALSE, quote = FALSE, eol = "\n")
}
shares_of <- function(eta, phi) round(rbeta(length(eta), plogis(eta) * phi, plogis(-eta) * phi), 5)

# eta = -0.5 + 0.6 x + u1[group] + u2[group] x: sds 0.8 and 0.4, correlation -0.5, phi 12.
simulate_shares <- function() {
  set.seed(20241128)
  sizes <- sample(5:19, 25, replace = TRUE)
  group <- rep(seq_along(sizes), sizes)
  x <- round(rnorm(length(group)), 3)
  v <- matrix(rnorm(2 * length(sizes)), ncol = 2)
  u <- cbind(0.8 * v[, 1], 0.4 * (-0.5 * v[, 1] + sqrt(0.75) * v[, 2]))
  data.frame(group, x, y = shares_of(-0.5 + 0.6 * x + u[group, 1] + u[group, 2] * x, 12))
}

# eta = 0.3 - 0.4 x + u[rater] + w[item]: sds 0.5 and 0.9, phi 9; three in four of 14 x 20 pairs, x by pair.
simulate_crossed <- function() {
  set.seed(20241129)
  pairs <- expand.grid(item = 1:20, rater = 1:14)
  pairs <- pairs[sort(sample(nrow(pairs), 210)), ]
  x <- round(rnorm(nrow(pairs)), 3)
  u <- rnorm(14, 0, 0.5)
  w <- rnorm(20, 0, 0.9)
  data.frame(rater = pairs$rater, item = LETTERS[pairs$item], x, y = shares_of(0.3 - 0.4 * x + u[pairs$rater] + w[pairs$item], 9))
}
if (!file.exists("../data/shares.csv")) write_data(simulate_shares(), "../data/shares.csv")
if (!file.exists("../data/shares_crossed.csv")) write_data(simulate_crossed(), "../data/shares_crossed.csv")

gasoline <- read.csv("../data/gasoline.csv")
gasoline$batch <- relevel(factor(gasoline$batch), ref = "10")
shares <- transform(read.csv("../data/shares.csv"), group = factor(group))
crossed <- transform(read.csv("../data/shares_crossed.csv"), rater = factor(rater), item = factor(item))
data <- list(gasoline = gasoline, shares = shares, shares_crossed = crossed)

laplace <- "ML, Laplace (observed information)"
quadrature <- "ML, adaptive Gauss-Hermite, 50 points"
model <- function(dataset, name, formula, method, note = "", preparation = "none")
  data.frame(dataset, model = name, file = paste0(dataset, ".csv"), formula, family = "beta (logit)", method, preparation, note)
published <- "table 1 of Ferrari and Cribari-Neto (2004): phi 440.28, whose standard errors are se_expected"
models <- rbind(
  model("gasoline", "batch_effects", "yield ~ batch + temp", "ML", published, "batch is categorical (baseline 10)"),
  model("gasoline", "intercepts", "yield ~ temp + (1 | batch)", laplace),
  model("gasoline", "intercepts_agq50", "yield ~ temp + (1 | batch)", quadrature, "not by glmmTMB"),
  model("shares", "population", "y ~ x", "ML"),
  model("shares", "intercepts", "y ~ x + (1 | group)", laplace),
  model("shares", "intercepts_agq50", "y ~ x + (1 | group)", quadrature, "not by glmmTMB"),
  model("shares", "slopes", "y ~ x + (1 + x | group)", laplace),
  model("shares", "slopes_agq50", "y ~ x + (1 + x | group)", quadrature, "not by glmmTMB"),
  model("shares_crossed", "crossed", "y ~ x + (1 | rater) + (1 | item)", laplace))

# Newton steps on the gradient until it is 0 to rounding. The derivatives of the gradient are Richardson's:
# one step for all parameters, as sdreport takes, is too coarse for a slope of 0.01.
polish <- function(par, gradient) {
  for (step in 1:6) {
    H <- jacobian(gradient, par)
    H <- (H + t(H)) / 2
    g <- as.vector(gradient(par))
    decrement <- sum(g * solve(H, g))
    if (step > 1 && abs(decrement) < 1e-18) break
    par <- par - as.vector(solve(H, g))
  }
  list(par = par, H = H, gradient = as.vector(gradient(par)), decrement = decrement)
}

# Covariance of a level's effects from glmmTMB's theta: log sds, then c with correlation c / sqrt(1 + c^2).
covariance_of <- function(theta) {
  if (length(theta) == 1) return(matrix(exp(2 * theta)))
  sd <- exp(theta[1:2])
  rho <- theta[3] / sqrt(1 + theta[3]^2)
  diag(sd) %*% matrix(c(1, rho, rho, 1), 2) %*% diag(sd)
}

# Log likelihood with the effects of one factor integrated out: Gauss-Hermite nodes at each level's mode, scaled by the curvature there.
# The gradient, for beta, log phi and theta, is the expectation of that of the log density under the weights of the nodes (Fisher's identity).
hermite <- function(n) {
  off <- diag(sqrt(seq_len(n - 1) / 2))
  upper <- cbind(0, rbind(off, 0))
  e <- eigen(upper + t(upper), symmetric = TRUE)
  list(x = e$values, logw = log(sqrt(pi) * e$vectors[1, ]^2))
}
rule <- hermite(50)
by_quadrature <- function(y, X, Z, level, par) {
  q <- ncol(Z)
  p <- ncol(X)
  beta <- par[1:p]
  phi <- exp(par[[p + 1]])
  theta <- par[-seq_len(p + 1)]
  Sigma <- covariance_of(theta)
  Q <- solve(Sigma)
  constant <- -q / 2 * log(2 * pi) - as.numeric(determinant(Sigma)$modulus) / 2
  grid <- as.matrix(expand.grid(rep(list(seq_along(rule$x)), q)))
  nodes <- matrix(rule$x[grid], ncol = q)
  logw <- rowSums(matrix(rule$logw[grid], ncol = q)) + rowSums(nodes^2)
  total <- 0
  score <- numeric(p + 1)
  second_moment <- matrix(0, q, q)
  levels <- split(seq_along(y), level)
  for (rows in levels) {
    x <- X[rows, , drop = FALSE]
    fixed <- as.vector(x %*% beta)
    z <- Z[rows, , drop = FALSE]
    log_y <- log(y[rows])
    log_rest <- log1p(-y[rows])
    u <- rep(0, q)
    for (step in 1:200) {
      eta <- as.vector(fixed + z %*% u)
      mu <- plogis(eta)
      v <- mu * plogis(-eta)
      s <- phi * v * (log_y - log_rest - digamma(mu * phi) + digamma((1 - mu) * phi))
      w <- phi^2 * v^2 * (trigamma(mu * phi) + trigamma((1 - mu) * phi))
      move <- as.vector(solve(t(z) %*% (z * w) + Q, t(z) %*% s - Q %*% u))
      u <- u + move
      if (max(abs(move)) < 1e-12) break
    }
    # Observed information A'A at the mode; nodes are u + sqrt(2) A^-1 node.
    A <- chol(t(z) %*% (z * (w - s * (1 - 2 * mu))) + Q)
    U <- t(u + sqrt(2) * backsolve(A, t(nodes)))
    eta <- fixed + z %*% t(U)
    mu <- plogis(eta)
    rest <- plogis(-eta)
    a <- phi * mu
    b <- phi * rest
    terms <- logw + colSums(lgamma(phi) - lgamma(a) - lgamma(b) + (a - 1) * log_y + (b - 1) * log_rest) - rowSums((U %*% Q) * U) / 2 + constant
    sum_of <- max(terms) + log(sum(exp(terms - max(terms))))
    total <- total + sum_of + q / 2 * log(2) - sum(log(diag(A)))
    weight <- exp(terms - sum_of)
    from_a <- log_y - digamma(a)
    from_b <- log_rest - digamma(b)
    score <- score + c(
      t(x) %*% ((phi * mu * rest * (from_a - from_b)) %*% weight),
      phi * sum(colSums(digamma(phi) + mu * from_a + rest * from_b) * weight))
    second_moment <- second_moment + t(U) %*% (U * weight)
  }
  of_theta <- grad(function(t) {
    S <- covariance_of(t)
    -length(levels) / 2 * log(det(S)) - sum(solve(S) * second_moment) / 2
  }, theta, method.args = list(r = 6))
  list(value = total, gradient = c(score, of_theta))
}

rows <- NULL
record <- function(at, quantity, value, term = "", group = "")
  rows <<- rbind(rows, data.frame(dataset = at$dataset, model = at$model, quantity, term, group, value = as.vector(value)))

# par: beta, log phi, theta, as in glmmTMB. The covariance is the inverse of the full observed information.
describe <- function(at, fit, loglik, par, H, terms, factors) {
  p <- length(terms)
  V <- solve(H)
  theta <- par[-seq_len(p + 1)]
  record(at, "nobs", nobs(fit))
  for (f in factors) record(at, "ngroups", nlevels(data[[at$dataset]][[f]]), group = f)
  record(at, "fixef", par[1:p], terms)
  record(at, "se", sqrt(diag(V)[1:p]), terms)
  pairs <- if (p > 1) combn(p, 2) else matrix(0, 2, 0)
  if (p < 4) record(at, "vcov", V[t(pairs)], sprintf("%s;%s", terms[pairs[1, ]], terms[pairs[2, ]]))
  record(at, "phi", exp(par[p + 1]))
  record(at, "log_phi_se", sqrt(V[p + 1, p + 1]))
  if (grepl("1 + x |", at$formula, fixed = TRUE)) {
    S <- covariance_of(theta)
    record(at, "sd", sqrt(diag(S)), c("(Intercept)", "x"), factors)
    record(at, "cor", cov2cor(S)[1, 2], "(Intercept);x", factors)
    record(at, "log_sd_se", sqrt(diag(V)[p + 2:3]), c("(Intercept)", "x"), factors)
  } else if (length(factors) > 0) {
    record(at, "sd", exp(theta), "(Intercept)", factors)
    record(at, "log_sd_se", sqrt(diag(V)[p + 1 + seq_along(theta)]), "(Intercept)", factors)
  }
  record(at, "loglik", loglik)
  record(at, "npar", length(par))
  record(at, "aic", 2 * length(par) - 2 * loglik)
}

report <- function(at, loglik, best) message(sprintf(
  "%s %s: log likelihood %.10f, greatest gradient %.1e, decrement %.1e", at$dataset, at$model, loglik, max(abs(best$gradient)), abs(best$decrement)))

fits <- list()
for (i in seq_len(nrow(models))) {
  at <- models[i, ]
  formula <- as.formula(at$formula)
  base <- sub("_agq50", "", at$model)
  frame <- data[[at$dataset]]
  if (at$method == quadrature) {
    f <- fits[[paste(at$dataset, base)]]
    gradient <- function(par) -f$quadrature(par)$gradient
    start <- optim(f$par, function(par) -f$quadrature(par)$value, gradient, method = "BFGS", control = list(parscale = f$se))
    best <- polish(start$par, gradient)
    loglik <- f$quadrature(best$par)$value
    describe(at, f$fit, loglik, best$par, best$H, f$terms, f$factors)
    record(at, "grad_max", max(abs(best$gradient)))
    record(at, "newton_decrement", abs(best$decrement))
    report(at, loglik, best)
    next
  }

  # nlminb warns of singular convergence at so small a tolerance; polish() then takes the fit to its optimum.
  fit <- glmmTMB(formula, data = frame, family = beta_family(link = "logit"),
                 control = glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-14)))
  obj <- fit$obj
  obj$env$inner.control <- list(maxit = 1000, trace = FALSE, tol = 1e-14, grad.tol = 1e-12)
  best <- polish(fit$fit$par, obj$gr)
  par <- best$par
  loglik <- -obj$fn(par)
  terms <- names(fixef(fit)$cond)
  p <- length(terms)
  factors <- names(ranef(fit)$cond)
  describe(at, fit, loglik, par, best$H, terms, factors)
  record(at, "bic", length(par) * log(nrow(frame)) - 2 * loglik)
  record(at, "grad_max", max(abs(best$gradient)))
  record(at, "newton_decrement", abs(best$decrement))

  X <- getME(fit, "X")
  Z <- as.matrix(getME(fit, "Z"))
  y <- model.response(fit$frame)
  phi <- exp(par[[p + 1]])
  population <- as.vector(X %*% par[1:p])
  eta <- population
  if (length(factors) == 0) {
    mu <- plogis(eta)
    stopifnot(abs(sum(dbeta(y, mu * phi, (1 - mu) * phi, log = TRUE)) - loglik) < 1e-8)
    v <- mu * (1 - mu)
    ta <- trigamma(mu * phi)
    tb <- trigamma((1 - mu) * phi)
    # Expected information of (beta, phi).
    K <- rbind(
      cbind(t(X) %*% (X * phi^2 * v^2 * (ta + tb)), t(X) %*% (phi * v * (mu * ta - (1 - mu) * tb))),
      c(t(X) %*% (phi * v * (mu * ta - (1 - mu) * tb)), sum(mu^2 * ta + (1 - mu)^2 * tb - trigamma(phi))))
    expected <- sqrt(diag(solve(K)))
    record(at, "se_expected", expected[1:p], terms)
    record(at, "phi_se_expected", expected[p + 1])
  } else {
    at_mode <- obj$env$last.par
    u <- at_mode[obj$env$random]
    sd <- sqrt(diag(solve(as.matrix(obj$env$spHess(at_mode, random = TRUE)))))
    eta <- eta + as.vector(Z %*% u)
    effects <- names(ranef(fit)$cond)
    names_of <- unlist(lapply(effects, function(f) {
      levels <- rownames(ranef(fit)$cond[[f]])
      paste0(f, "=", rep(levels, each = ncol(ranef(fit)$cond[[f]])))
    }))
    of <- unlist(lapply(effects, function(f) rep(colnames(ranef(fit)$cond[[f]]), nrow(ranef(fit)$cond[[f]]))))
    record(at, "ranef", u, of, names_of)
    record(at, "ranef_sd", sd, of, names_of)
    # The order of effects is that of glmmTMB's own table.
    own <- unlist(lapply(effects, function(f) t(as.matrix(ranef(fit)$cond[[f]]))))
    stopifnot(max(abs(own - u)) < 1e-3)
  }
  first <- seq_len(5)
  record(at, "fitted", plogis(eta[first]), "", paste0("row", first))
  record(at, "linpred_population", population[first], "", paste0("row", first))

  value <- NULL
  if (length(factors) == 1) {
    level <- fit$frame[[factors]]
    local({
      z <- if (base == "slopes") X else matrix(1, nrow(X))
      y <- y; X <- X; level <- level; p <- p
      value <<- function(par) by_quadrature(y, X, z, level, par)
    })
    record(at, "loglik_quadrature", value(par)$value)
    if (base == "intercepts") {
      # The same by integrate(), a level at a time.
      tau <- exp(par[[p + 2]])
      check <- sum(sapply(split(seq_along(y), level), function(r) {
        log_density <- function(u) sapply(u, function(v) {
          e <- population[r] + v
          sum(dbeta(y[r], plogis(e) * phi, plogis(-e) * phi, log = TRUE)) + dnorm(v, 0, tau, log = TRUE)
        })
        mode <- u[match(level[r[1]], levels(level))]
        width <- sd[match(level[r[1]], levels(level))]
        top <- log_density(mode)
        top + log(integrate(function(v) exp(log_density(v) - top), mode - 12 * width, mode + 12 * width, rel.tol = 1e-12, subdivisions = 500)$value)
      }))
      stopifnot(abs(check - value(par)$value) < 1e-10 * abs(check))
    }
    message(sprintf("%s %s: Laplace %.10f, quadrature %.10f", at$dataset, at$model, loglik, value(par)$value))
  }
  fits[[paste(at$dataset, base)]] <- list(fit = fit, par = par, se = sqrt(diag(solve(best$H))), terms = terms, factors = factors, quadrature = value)
  report(at, loglik, best)
}

write_reference <- function(rows, file) {
  con <- file(file, "wb")
  on.exit(close(con))
  versions <- sprintf("glmmTMB %s, TMB %s", packageVersion("glmmTMB"), packageVersion("TMB"))
  writeLines(sprintf("# %s, %s, written by make_glmmtmb_beta.R", R.version.string, versions), con)
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], function(x) sprintf("%.13g", x))
  quoted <- sapply(rows, function(x) ifelse(grepl(",", x), paste0("\"", x, "\""), x))
  writeLines(c(paste(names(rows), collapse = ","), apply(quoted, 1, paste, collapse = ",")), con, sep = "\n")
}
write_reference(rows, "glmmtmb_beta.csv")
write_reference(models, "glmmtmb_beta_models.csv")
