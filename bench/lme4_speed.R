# Times lme4 on four models of its own data and writes its answers: what bench/compare_lme4.sh sets beside this library.
# Usage: Rscript lme4_speed.R <folder of fetch_lme4_data.R> <file to write> [part of a model's name]. Needs lme4.
#
# Times are those of glmer() and lmer() with default settings. These calls stop up to 1e-7 (relative) away from the least deviance, so that their
# answers serve for no comparison. The answers come from the same deviance function, taken to its end afterwards, untimed: Newton steps on central
# differences, the inner iterations at 1e-13 and the determinant factorised once more at the mode (glmer's has weights of the iteration before).

suppressPackageStartupMessages(library(lme4))

arguments <- commandArgs(TRUE)
if (length(arguments) < 2) stop("Usage: Rscript lme4_speed.R <folder of fetch_lme4_data.R> <file to write> [part of a model's name]")
folder <- arguments[1]
read <- function(name, factors) {
  data <- read.csv(file.path(folder, name))
  for (f in factors) data[[f]] <- factor(data[[f]], levels = unique(data[[f]]))
  data
}
verbagg <- read("verbagg.csv", c("id", "item"))
verbagg <- transform(verbagg, r2 = as.integer(r2 == "Y"), Gender = factor(Gender), btype = factor(btype), situ = factor(situ))
ticks <- read("grouseticks.csv", c("BROOD", "INDEX", "LOCATION"))
ticks$YEAR <- factor(ticks$YEAR)
insteval <- read("insteval.csv", c("s", "d"))

models <- list(
  "glmer-verbagg" = list(r2 ~ Anger + Gender + btype + situ + (1 | id) + (1 | item), verbagg, binomial, repeats = 3),
  "glmer-grouseticks" = list(TICKS ~ YEAR + HEIGHT + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION), ticks, poisson, repeats = 3),
  "glmer-grouseticks-centred" = list(TICKS ~ YEAR + cHEIGHT + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION), ticks, poisson, repeats = 3),
  "glmer-insteval" = list(high ~ (1 | s) + (1 | d), insteval, binomial, repeats = 1),
  "reml-insteval" = list(y ~ service + (1 | s) + (1 | d), insteval, NULL, repeats = 1))
if (length(arguments) > 2) models <- models[grep(arguments[3], names(models), fixed = TRUE)]

# Fourth-order central differences in coordinates z, par = at + root z, where the deviance falls off like |z|^2 (one unit: a standard error).
differences <- function(f, z, h) sapply(seq_along(z), function(j) {
  e <- replace(numeric(length(z)), j, h)
  (8 * (f(z + e) - f(z - e)) - (f(z + 2 * e) - f(z - 2 * e))) / (12 * h)
})
polish <- function(deviance, par, hessian) {
  root <- t(chol(2 * solve(hessian)))
  f <- function(z) deviance(par + as.vector(root %*% z))
  z <- numeric(length(par))
  for (step in 1:12) {
    g <- differences(f, z, 0.05)
    z <- z - g / 2
    if (max(abs(g)) < 2e-6) break
  }
  H <- sapply(seq_along(z), function(j) {
    e <- replace(numeric(length(z)), j, 0.1)
    (8 * (differences(f, z + e, 0.1) - differences(f, z - e, 0.1)) - (differences(f, z + 2 * e, 0.1) - differences(f, z - 2 * e, 0.1))) / 1.2
  })
  g <- differences(f, z, 0.05)
  list(par = par + as.vector(root %*% z), V = root %*% solve((H + t(H)) / 4) %*% t(root), gradient = max(abs(g)), value = f(z))
}

rows <- NULL
record <- function(quantity, value, term = "", group = "")
  rows <<- rbind(rows, data.frame(model = name, quantity, term, group, value = as.vector(value)))

for (name in names(models)) {
  model <- models[[name]]
  formula <- model[[1]]
  data <- model[[2]]
  family <- model[[3]]
  times <- sapply(seq_len(model$repeats), function(i) {
    t <- system.time(fit <<- suppressWarnings(if (is.null(family)) lmer(formula, data) else glmer(formula, data, family)))
    c(t[["elapsed"]], t[["user.self"]] + t[["sys.self"]])
  })
  record("seconds", median(times[1, ]))
  record("cpu_seconds", median(times[2, ]))
  record("default_deviance", if (is.null(family)) REMLcrit(fit) else -2 * as.numeric(logLik(fit)))
  if (is.null(family)) {
    f <- lFormula(formula, data)
    deviance <- do.call(mkLmerDevfun, f)
    inside <- environment(deviance)
    start <- getME(fit, "theta")
  } else {
    control <- glmerControl(tolPwrss = 1e-13)
    f <- glFormula(formula, data, family, control = control)
    of_glmer <- updateGlmerDevfun(do.call(mkGlmerDevfun, c(f, list(control = control))), f$reTrms, nAGQ = 1)
    inside <- environment(of_glmer)
    deviance <- function(par) {
      of_glmer(par)
      inside$pp$updateXwts(inside$resp$sqrtWrkWt())
      inside$pp$updateDecomp()
      inside$resp$Laplace(inside$pp$ldL2(), inside$pp$ldRX2(), inside$pp$sqrL(1))
    }
    start <- c(getME(fit, "theta"), fixef(fit))
  }
  best <- polish(deviance, start, fit@optinfo$derivs$Hessian)
  deviance(best$par)
  opt <- list(par = best$par, fval = best$value, feval = 0, conv = 0, message = "")
  at <- mkMerMod(inside, opt, f$reTrms, f$fr)
  record("deviance", best$value)
  record("gradient", best$gradient)
  record("fixef", fixef(at), names(fixef(at)))
  q <- length(getME(fit, "theta"))
  se <- if (is.null(family)) sqrt(diag(as.matrix(vcov(at)))) else sqrt(diag(best$V)[-seq_len(q)])
  record("se", se, names(fixef(at)))
  sds <- as.data.frame(VarCorr(at))
  sds <- sds[sds$grp != "Residual", ]
  record("sd", sds$sdcor, sds$var1, sds$grp)
  # A unit of theta is sigma (1 where there is none): how far the deviance tells an sd.
  record("sd_se", sqrt(diag(best$V)[seq_len(q)]) * sigma(at), sds$var1, sds$grp)
  if (is.null(family)) record("sigma", sigma(at))
  modes <- ranef(at, condVar = TRUE)
  for (factor in names(modes)) {
    some <- head(order(rownames(modes[[factor]])), 4)
    level <- paste0(factor, "=", rownames(modes[[factor]])[some])
    record("ranef", modes[[factor]][some, 1], "(Intercept)", level)
    record("ranef_sd", sqrt(attr(modes[[factor]], "postVar")[1, 1, some]), "(Intercept)", level)
  }
  message(sprintf("%s: %.2f s (%.2f s of processor), deviance %.9f, greatest derivative by a standard error %.1e",
                  name, median(times[1, ]), median(times[2, ]), best$value, best$gradient))
}

con <- file(arguments[2], "wb")
writeLines(sprintf("# %s, lme4 %s, written by bench/lme4_speed.R", R.version.string, packageVersion("lme4")), con)
rows$value <- sprintf("%.13g", rows$value)
write.csv(rows, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)
