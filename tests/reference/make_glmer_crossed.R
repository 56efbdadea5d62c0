# Writes glmer_crossed.csv and glmer_crossed_models.csv: maximum likelihood with Laplace's approximation of models with crossed and nested factors,
# by glmer and by glmmTMB (README.md of this folder). Where they are not there yet, it simulates the data in ../data.
# Run in the folder of this file: Rscript make_glmer_crossed.R. Needs the R packages lme4, glmmTMB and numDeriv; takes about a minute.

suppressPackageStartupMessages({
  library(lme4)
  library(glmmTMB)
  library(numDeriv)
})

# Data ----------------------------------------------------------------------------------------------------------------------------------------------

simulate <- function(name, seed, make) {
  file <- paste0("../data/", name, ".csv")
  if (file.exists(file)) return(invisible())
  set.seed(seed)
  con <- file(file, "wb")
  on.exit(close(con))
  write.csv(make(), con, row.names = FALSE, quote = FALSE, eol = "\n")
}

# Of the shape of VerbAgg of lme4: 100 people answer 24 items, yes or no. sds 1.3 (person) and 0.5 (item).
simulate("answers_crossed", 20241201, function() {
  items <- expand.grid(copy = 1:4, act = c("curse", "scold", "shout"), situation = c("other", "self"), stringsAsFactors = FALSE)
  items$item <- sprintf("i%02d", seq_len(nrow(items)))
  anger <- round(rnorm(100, 20, 5))
  gender <- ifelse(runif(100) < 0.25, "M", "F")
  person <- rnorm(100, 0, 1.3)
  item <- rnorm(nrow(items), 0, 0.5)
  pairs <- expand.grid(person = 1:100, i = seq_len(nrow(items)))
  act <- items$act[pairs$i]
  eta <- 0.2 + 0.06 * (anger[pairs$person] - 3) + 0.3 * (gender[pairs$person] == "M") - 1.0 * (act == "scold") - 2.1 * (act == "shout") -
    1.0 * (items$situation[pairs$i] == "self") + person[pairs$person] + item[pairs$i]
  data.frame(person = pairs$person, item = items$item[pairs$i], anger = anger[pairs$person], gender = gender[pairs$person], act,
             situation = items$situation[pairs$i], yes = rbinom(nrow(pairs), 1, plogis(eta)))
})

# Of the shape of grouseticks of lme4: chicks in broods in places; sds 0.55 (row), 0.75 (brood), 0.8 (place). The height's mean is far from 0.
simulate("ticks_nested", 20241202, function() {
  broods <- data.frame(place = sample(rep_len(1:25, 60)))
  broods$height <- round(rnorm(25, 460, 35))[broods$place]
  broods$year <- sample(95:97, nrow(broods), TRUE)
  place <- rnorm(25, 0, 0.8)
  brood <- rnorm(nrow(broods), 0, 0.75)
  b <- rep(seq_len(nrow(broods)), sample(1:6, nrow(broods), TRUE))
  eta <- 0.4 + 1.1 * (broods$year[b] == 96) - 0.9 * (broods$year[b] == 97) - 0.02 * (broods$height[b] - 460) + place[broods$place[b]] + brood[b] +
    rnorm(length(b), 0, 0.55)
  data.frame(chick = seq_along(b), brood = 500 + b, place = broods$place[b], year = broods$year[b], height = broods$height[b],
             ticks = rpois(length(b), exp(eta)))
})

# Two thirds of the pairs of 15 shops and 22 products; sds 0.4 and 0.6, shape 3.
simulate("costs_crossed", 20241203, function() {
  pairs <- expand.grid(product = 1:22, shop = 1:15)
  pairs <- pairs[sort(sample(nrow(pairs), 220)), ]
  x <- round(rnorm(nrow(pairs)), 3)
  shop <- rnorm(15, 0, 0.4)
  product <- rnorm(22, 0, 0.6)
  mu <- exp(1.5 + 0.3 * x + shop[pairs$shop] + product[pairs$product])
  data.frame(shop = pairs$shop, product = LETTERS[pairs$product], x, cost = signif(rgamma(nrow(pairs), 3, scale = mu / 3), 5))
})

# 24 subjects try 16 items, 1 to 6 times each, at a dose x of their own; sds 0.9 and 0.5 with correlation 0.4 (subject), 0.7 and 0.6 with -0.3 (item).
# The batch has no effect.
simulate("trials_crossed", 20241204, function() {
  pairs <- expand.grid(item = 1:16, subject = 1:24)
  pairs <- pairs[sort(sample(nrow(pairs), 300)), ]
  x <- round(rnorm(nrow(pairs)), 3)
  of <- function(n, sds, rho) {
    v <- matrix(rnorm(2 * n), ncol = 2)
    cbind(sds[1] * v[, 1], sds[2] * (rho * v[, 1] + sqrt(1 - rho^2) * v[, 2]))
  }
  s <- of(24, c(0.9, 0.5), 0.4)[pairs$subject, ]
  i <- of(16, c(0.7, 0.6), -0.3)[pairs$item, ]
  size <- sample(1:6, nrow(pairs), TRUE)
  data.frame(subject = pairs$subject, item = LETTERS[pairs$item], batch = sample(1:6, nrow(pairs), TRUE), x, size,
             successes = rbinom(nrow(pairs), size, plogis(-0.3 + 0.7 * x + s[, 1] + i[, 1] + (s[, 2] + i[, 2]) * x)))
})

read <- function(name, factors) {
  data <- read.csv(paste0("../data/", name, ".csv"))
  data$row <- seq_len(nrow(data))
  for (f in factors) data[[f]] <- factor(data[[f]])
  data
}
data <- list(
  answers_crossed = read("answers_crossed", c("person", "item", "gender", "act", "situation")),
  ticks_nested = read("ticks_nested", c("chick", "brood", "place", "year")),
  counts = read("counts", c("group", "row")),
  costs_crossed = read("costs_crossed", c("shop", "product")),
  trials_crossed = read("trials_crossed", c("subject", "item", "batch")))

# Models --------------------------------------------------------------------------------------------------------------------------------------------

model <- function(dataset, name, formula, family, programs = "lme4, glmmTMB", note = "")
  data.frame(dataset, model = name, file = paste0(dataset, ".csv"), formula, family, method = "ML, Laplace (observed information)", programs, note)
of_trials <- function(terms) paste("cbind(successes, size - successes) ~ x +", terms)
models <- rbind(
  model("answers_crossed", "crossed", "yes ~ anger + gender + act + situation + (1 | person) + (1 | item)", "binomial (logit)"),
  model("ticks_nested", "nested", "ticks ~ year + height + (1 | brood) + (1 | chick) + (1 | place)", "poisson (log)", note = "chick is the row"),
  model("ticks_nested", "negative_binomial", "ticks ~ year + height + (1 | brood) + (1 | place)", "negative binomial (log)", "glmmTMB"),
  model("counts", "rows", "y ~ x + offset(log(exposure)) + (1 | group) + (1 | row)", "poisson (log)", note = "row is the number of the row"),
  model("costs_crossed", "crossed", "cost ~ x + (1 | shop) + (1 | product)", "gamma (log)", "glmmTMB"),
  model("trials_crossed", "slopes", of_trials("(1 + x | subject) + (1 | item)"), "binomial (logit)"),
  model("trials_crossed", "uncorrelated", of_trials("(1 + x || subject) + (1 | item)"), "binomial (logit)"),
  model("trials_crossed", "slopes_of_both", of_trials("(1 + x | subject) + (1 + x | item)"), "binomial (logit)"),
  model("trials_crossed", "probit", of_trials("(1 | subject) + (1 | item)"), "binomial (probit)", "glmmTMB"),
  model("trials_crossed", "boundary", of_trials("(1 | subject) + (1 | item) + (1 | batch)"), "binomial (logit)", "lme4", "the sd of batch is 0"))
families <- list(
  "binomial (logit)" = binomial("logit"), "binomial (probit)" = binomial("probit"), "poisson (log)" = poisson("log"),
  "gamma (log)" = Gamma("log"), "negative binomial (log)" = nbinom2("log"))

# Fits: each program's answer as a list ------------------------------------------------------------------------------------------------------------

# Sds and correlations of blocks, from a function that gives each block's covariance.
scales_of <- function(blocks, covariances) {
  rows <- NULL
  for (k in seq_along(blocks)) {
    S <- covariances[[k]]
    terms <- blocks[[k]]$terms
    rows <- rbind(rows, data.frame(quantity = "sd", term = terms, group = blocks[[k]]$group, value = sqrt(diag(S))))
    if (length(terms) == 2 && !isFALSE(blocks[[k]]$correlated))
      rows <- rbind(rows, data.frame(
        quantity = "cor", term = paste(terms, collapse = ";"), group = blocks[[k]]$group, value = S[2, 1] / sqrt(prod(diag(S)))))
  }
  rows
}
effects_of <- function(blocks, b, sd) {
  at <- 0
  rows <- NULL
  for (block in blocks) {
    q <- length(block$terms)
    m <- length(block$levels)
    rows <- rbind(rows, data.frame(term = rep(block$terms, m), group = paste0(block$group, "=", rep(block$levels, each = q)),
                                   value = b[at + seq_len(q * m)], sd = sd[at + seq_len(q * m)]))
    at <- at + q * m
  }
  rows
}
blocks_of <- function(reTrms) lapply(seq_along(reTrms$cnms), function(k) {
  f <- attr(reTrms$flist, "assign")[k]
  list(group = names(reTrms$flist)[f], terms = reTrms$cnms[[k]], levels = levels(reTrms$flist[[f]]))
})

# Fourth-order central differences in coordinates z, par = at + root z, where the deviance falls off like |z|^2.
differences <- function(f, z, h) sapply(seq_along(z), function(j) {
  e <- replace(numeric(length(z)), j, h)
  (8 * (f(z + e) - f(z - e)) - (f(z + 2 * e) - f(z - 2 * e))) / (12 * h)
})
by_lme4 <- function(formula, frame, family) {
  control <- glmerControl(tolPwrss = 1e-13)
  first <- suppressMessages(suppressWarnings(glmer(formula, frame, family, control = control)))
  parsed <- glFormula(formula, frame, family, control = control)
  deviance_of <- updateGlmerDevfun(do.call(mkGlmerDevfun, c(parsed, list(control = control))), parsed$reTrms, nAGQ = 1)
  # glmer's own determinant has the weights of the last but one iteration, which costs some 1e-9 of the deviance: here it has those of the mode.
  inside <- environment(deviance_of)
  deviance_at <- function(par) {
    deviance_of(par)
    inside$pp$updateXwts(inside$resp$sqrtWrkWt())
    inside$pp$updateDecomp()
    inside$resp$Laplace(inside$pp$ldL2(), inside$pp$ldRX2(), inside$pp$sqrL(1))
  }
  theta <- getME(first, "theta")
  q <- length(theta)
  # A diagonal element on the boundary stays there.
  free <- c(theta > 1e-3 | getME(first, "lower") < 0, rep(TRUE, length(fixef(first))))
  par <- ifelse(free, c(theta, fixef(first)), 0)
  root <- t(chol(2 * solve(first@optinfo$derivs$Hessian[free, free])))
  f <- function(z) deviance_at(par + replace(numeric(length(par)), free, as.vector(root %*% z)))
  z <- numeric(sum(free))
  for (step in 1:20) {
    g <- differences(f, z, 0.05)
    z <- z - g / 2
    if (max(abs(g)) < 1e-9) break
  }
  H <- sapply(seq_along(z), function(j) {
    e <- replace(numeric(length(z)), j, 0.1)
    (8 * (differences(f, z + e, 0.1) - differences(f, z - e, 0.1)) - (differences(f, z + 2 * e, 0.1) - differences(f, z - 2 * e, 0.1))) / 1.2
  })
  gradient <- max(abs(differences(f, z, 0.05)))
  V <- matrix(0, length(par), length(par))
  V[free, free] <- root %*% solve((H + t(H)) / 4) %*% t(root)
  par[free] <- par[free] + as.vector(root %*% z)
  value <- deviance_at(par)
  for (j in which(!free)) stopifnot(deviance_at(replace(par, j, 0.02)) > value + 1e-6)
  value <- deviance_at(par)
  opt <- list(par = par, fval = value, feval = 0, conv = 0, message = "")
  at <- mkMerMod(inside, opt, parsed$reTrms, parsed$fr)
  blocks <- blocks_of(parsed$reTrms)
  scales <- function(theta) {
    start <- 0
    scales_of(blocks, lapply(blocks, function(block) {
      q <- length(block$terms)
      L <- matrix(0, q, q)
      L[lower.tri(L, TRUE)] <- theta[start + seq_len(q * (q + 1) / 2)]
      start <<- start + q * (q + 1) / 2
      L %*% t(L)
    }))
  }
  J <- jacobian(function(t) replace(scales(t)$value, !is.finite(scales(t)$value), 0), par[seq_len(q)])
  Lambda <- getME(at, "Lambda")
  sd <- sqrt(Matrix::diag(Lambda %*% Matrix::solve(getME(at, "L"), Matrix::t(Lambda), system = "A")))
  list(loglik = -value / 2, beta = fixef(at), V = V[-seq_len(q), -seq_len(q)], scales = scales(par[seq_len(q)]),
       Vscales = J %*% V[seq_len(q), seq_len(q)] %*% t(J), shape = NULL, effects = effects_of(blocks, as.vector(getME(at, "b")), sd),
       fitted = fitted(at)[1:5], conditional = deviance(at), npar = length(par), gradient = gradient, boundary = any(!free))
}

by_glmmTMB <- function(formula, frame, family) {
  # nlminb warns of singular convergence at so small a tolerance; Newton steps then take the fit to its optimum.
  fit <- suppressWarnings(glmmTMB(formula, frame, family, control = glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-14))))
  obj <- fit$obj
  obj$env$inner.control <- list(maxit = 1000, trace = FALSE, tol = 1e-14, grad.tol = 1e-12)
  par <- fit$fit$par
  # In coordinates z, par = at + root z, where the log likelihood falls off like z^2 / 2.
  H <- jacobian(obj$gr, par)
  root <- t(chol(solve((H + t(H)) / 2, tol = 0)))
  gradient <- function(z) as.vector(t(root) %*% as.vector(obj$gr(par + as.vector(root %*% z))))
  for (step in 1:6) {
    H <- jacobian(gradient, numeric(length(par)), method.args = list(eps = 0.02))
    move <- solve((H + t(H)) / 2, gradient(numeric(length(par))))
    if (step > 1 && max(abs(move)) < 1e-9) break
    par <- par - as.vector(root %*% move)
  }
  greatest <- max(abs(gradient(numeric(length(par)))))
  loglik <- -obj$fn(par)
  V <- root %*% solve((H + t(H)) / 2) %*% t(root)
  of <- function(name) which(names(fit$fit$par) == name)
  # Terms with two bars are one block of uncorrelated effects here, several blocks in lme4.
  counts <- sapply(fit$modelInfo$reStruc$condReStruc, function(block) block$blockNumTheta)
  blocks <- Map(function(block, n) c(block, correlated = n > length(block$terms)), blocks_of(fit$modelInfo$reTrms$cond), counts)
  scales <- function(theta) {
    start <- 0
    scales_of(blocks, lapply(blocks, function(block) {
      q <- length(block$terms)
      t <- theta[start + seq_len(if (block$correlated) q * (q + 1) / 2 else q)]
      start <<- start + length(t)
      rho <- if (block$correlated) t[3] / sqrt(1 + t[3]^2) else 0
      sd <- diag(exp(t[seq_len(q)]), q)
      sd %*% (diag(q) + rho * (1 - diag(q))) %*% sd
    }))
  }
  J <- jacobian(function(t) scales(t)$value, par[of("theta")])
  mode <- obj$env$last.par
  u <- mode[obj$env$random]
  sd <- sqrt(diag(solve(as.matrix(obj$env$spHess(mode, random = TRUE)))))
  eta <- as.vector(getME(fit, "X") %*% par[of("beta")] + getME(fit, "Z") %*% u)
  if (!is.null(model.offset(fit$frame))) eta <- eta + model.offset(fit$frame)
  # The meaning of the shape, against R's own densities.
  y <- model.response(fit$frame)
  shape <- if (length(of("betad"))) exp(par[[of("betad")]]) else NULL
  if (!is.null(shape)) {
    mu <- exp(eta)
    is_gamma <- fit$modelInfo$family$family == "Gamma"
    rows <- if (is_gamma) dgamma(y, shape, scale = mu / shape, log = TRUE) else dnbinom(y, size = shape, mu = mu, log = TRUE)
    tau <- rep(scales(par[of("theta")])$value, sapply(blocks, function(block) length(block$levels)))
    stopifnot(abs(sum(rows) + sum(dnorm(u, 0, tau, log = TRUE)) + obj$env$f(mode)) < 1e-8)
  }
  list(loglik = loglik, beta = setNames(par[of("beta")], colnames(getME(fit, "X"))), V = V[of("beta"), of("beta")], scales = scales(par[of("theta")]),
       Vscales = J %*% V[of("theta"), of("theta")] %*% t(J), shape = shape, shape_se = if (!is.null(shape)) shape * sqrt(V[of("betad"), of("betad")]),
       effects = effects_of(blocks, u, sd), fitted = fit$modelInfo$family$linkinv(eta[1:5]), npar = length(par), gradient = greatest,
       boundary = FALSE)
}

# Record --------------------------------------------------------------------------------------------------------------------------------------------

rows <- NULL
for (i in seq_len(nrow(models))) {
  at <- models[i, ]
  record <- function(quantity, value, term = "", group = "")
    rows <<- rbind(rows, data.frame(dataset = at$dataset, model = at$model, quantity, term, group, value = as.vector(value)))
  frame <- data[[at$dataset]]
  fits <- list()
  if (grepl("lme4", at$programs)) fits$lme4 <- by_lme4(as.formula(at$formula), frame, families[[at$family]])
  if (grepl("glmmTMB", at$programs)) fits$glmmTMB <- by_glmmTMB(as.formula(at$formula), frame, families[[at$family]])
  fit <- fits[[length(fits)]]
  if (length(fits) == 2) {
    # Two programs, two ways to the maximum: exact derivatives (recorded) and differences.
    other <- fits[[1]]
    key <- order(fit$scales$quantity, fit$scales$group, fit$scales$term)
    scales <- fit$scales[key, ]
    other_scales <- other$scales[order(other$scales$quantity, other$scales$group, other$scales$term), ]
    effects <- fit$effects[order(fit$effects$group, fit$effects$term), ]
    other_effects <- other$effects[order(other$effects$group, other$effects$term), ]
    stopifnot(scales$group == other_scales$group, effects$group == other_effects$group, effects$term == other_effects$term)
    off <- c(
      loglik = abs(fit$loglik / other$loglik - 1), beta = max(abs(fit$beta - other$beta) / sqrt(diag(fit$V))),
      se = max(abs(sqrt(diag(other$V) / diag(fit$V)) - 1)), scales = max(abs(scales$value - other_scales$value) / sqrt(diag(fit$Vscales))[key]),
      modes = max(abs(effects$value - other_effects$value) / effects$sd), mode_sds = max(abs(effects$sd / other_effects$sd - 1)))
    message(sprintf("%s %s: lme4 and glmmTMB differ by %s", at$dataset, at$model, paste(names(off), format(off, digits = 2), collapse = ", ")))
    stopifnot(off < c(1e-10, 1e-6, 1e-5, 1e-6, 1e-6, 1e-6))
  }
  record("nobs", nrow(frame))
  groups <- unique(fit$scales$group)
  for (g in groups) record("ngroups", nlevels(frame[[g]]), group = g)
  record("npar", fit$npar)
  record("loglik", fit$loglik)
  if (!is.null(fits$lme4)) record("deviance", fits$lme4$conditional)
  record("singular", as.integer(fit$boundary))
  record("fixef", fit$beta, names(fit$beta))
  record("se", sqrt(diag(as.matrix(fit$V))), names(fit$beta))
  if (!is.null(fit$shape)) {
    record("shape", fit$shape)
    record("shape_se", fit$shape_se)
  }
  record(fit$scales$quantity, fit$scales$value, fit$scales$term, fit$scales$group)
  record(paste0(fit$scales$quantity, "_se"), sqrt(diag(fit$Vscales)), fit$scales$term, fit$scales$group)
  for (g in groups) {
    of <- fit$effects[startsWith(fit$effects$group, paste0(g, "=")), ]
    some <- of[of$group %in% head(unique(of$group), 8), ]
    record("ranef", some$value, some$term, some$group)
    record("ranef_sd", some$sd, some$term, some$group)
  }
  record("fitted", fit$fitted, "", paste0("row", 1:5))
  record("grad_max", fit$gradient)
  message(sprintf("%s %s: log likelihood %.10f, greatest derivative %.1e", at$dataset, at$model, fit$loglik, fit$gradient))
}

write_reference <- function(rows, file) {
  con <- file(file, "wb")
  on.exit(close(con))
  versions <- sprintf("lme4 %s, glmmTMB %s, TMB %s", packageVersion("lme4"), packageVersion("glmmTMB"), packageVersion("TMB"))
  writeLines(sprintf("# %s, %s, written by make_glmer_crossed.R", R.version.string, versions), con)
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], function(x) sprintf("%.13g", x))
  quoted <- sapply(rows, function(x) ifelse(grepl(",", x), paste0("\"", x, "\""), x))
  writeLines(c(paste(names(rows), collapse = ","), apply(quoted, 1, paste, collapse = ",")), con, sep = "\n")
}
write_reference(rows, "glmer_crossed.csv")
write_reference(models, "glmer_crossed_models.csv")
