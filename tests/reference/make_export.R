# Runs the programs of export/ (written by ToStan, ToJags, ToStanData and ToJagsData; tests/Export keeps them up to date) and writes what they say:
#   export.csv         long runs of Stan and of JAGS: mean, sd, quantiles and Monte-Carlo errors of every parameter and of the effects of three levels
#   export_lme4.csv    the calls of lme4: estimates and log likelihoods
#   export_prior.csv   the programs without their response: quantiles of the priors
# Run in the folder of this file: Rscript make_export.R [stan|jags|prior|lme4|brms] [model ...]. Rows of other tools and models are kept. Needs rstan, rjags, lme4, brms,
# jsonlite and posterior. Compiling takes about a minute a model.

suppressPackageStartupMessages({
  library(posterior)
})

every_tool <- c("stan", "jags", "prior", "lme4", "brms")
arguments <- commandArgs(trailingOnly = TRUE)
tools <- intersect(arguments, every_tool)
if (length(tools) == 0) tools <- every_tool
models <- setdiff(arguments, every_tool)
if (length(models) == 0) models <- sub("\\.stan$", "", list.files("export", pattern = "\\.stan$"))

# What a fit reports: neither numbers on another scale nor what effects are made of. Of the effects, those of three levels.
reported <- function(variables, prior = FALSE) {
  keep <- grepl("^(b_|sd_|cor_|u_)|^(sigma|shape|precision|degrees_of_freedom)(_std)?$", variables) & (prior | !grepl("_(std|mid)($|\\[)", variables))
  level <- suppressWarnings(as.integer(sub("^u_[^[]*\\[(\\d+).*$", "\\1", variables)))
  variables[keep & (is.na(level) | level <= 3)]
}

summarise <- function(draws, model, tool, prior = FALSE) {
  variables <- reported(variables(draws), prior)
  draws <- subset_draws(draws, variables)
  rows <- summarise_draws(
    draws, "mean", "sd", ~quantile2(.x, probs = c(0.055, 0.25, 0.5, 0.75, 0.945)), "rhat", "ess_bulk", "ess_tail", "mcse_mean", "mcse_sd")
  rows <- as.data.frame(rows)
  rows[] <- lapply(rows, function(column) if (is.numeric(column)) as.numeric(column) else column)
  names(rows)[4:8] <- c("q5.5", "q25", "q50", "q75", "q94.5")
  rows <- rows[rows$sd > 0, ]
  cbind(model = model, tool = tool, rows)
}

keep <- function(file, rows) {
  if (file.exists(file)) {
    old <- read.csv(file, check.names = FALSE)
    old <- old[!(old$model == rows$model[1] & old$tool == rows$tool[1]), ]
    rows <- rbind(old, rows)
  }
  rows <- rows[order(rows$tool, rows$model), ]
  numbers <- sapply(rows, is.numeric)
  rows[numbers] <- lapply(rows[numbers], signif, 9)
  con <- file(file, "wb")
  on.exit(close(con))
  write.csv(rows, con, row.names = FALSE, quote = c(1, 2, 3), eol = "\n")
}

# An effect for each row of counts needs shorter steps.
adapt_delta <- function(model) if (model == "ticks") 0.995 else 0.95

run_stan <- function(model) {
  suppressPackageStartupMessages(library(rstan))

  # Debian has the headers of Boost in the system and not in the package BH.
  if (!nzchar(rstan_options("boost_lib"))) rstan_options(boost_lib = "/usr/include")
  code <- readLines(file.path("export", paste0(model, ".stan")))

  # rstan 2.21 knows the older syntax of arrays only: StanArraySyntax.Suffix.
  code <- sub("array\\[(\\w+)\\] (int|vector)((<[^>]*>)?(\\[\\w+\\])?) (\\w+);", "\\2\\3 \\6[\\1];", code)
  data <- jsonlite::fromJSON(file.path("export", paste0(model, ".data.json")))

  # A vector of one number is not a number.
  for (name in names(data))
    if (length(data[[name]]) == 1 && any(grepl(paste0("vector[^ ]* ", name, ";"), code))) data[[name]] <- as.array(data[[name]])
  fit <- stan(model_code = paste(code, collapse = "\n"), data = data, chains = 4, iter = 2500, warmup = 1000, cores = 1, seed = 20261128,
    refresh = 0, control = list(adapt_delta = adapt_delta(model)))
  cat(model, "stan: divergences", rstan::get_num_divergent(fit), "\n")
  keep("export.csv", summarise(as_draws_array(as.array(fit)), model, "stan"))
}

jags <- function(model, prior = FALSE) {
  suppressPackageStartupMessages(library(rjags))
  code <- readLines(file.path("export", paste0(model, ".jags")))

  # Its samplers of proportions and counts approximate a log gamma variable by a mixture of normals.
  if (any(grepl("dnorm\\(eta", code))) load.module("glm", quiet = TRUE)
  data <- new.env()
  source(file.path("export", paste0(model, ".data.R")), local = data)
  data <- as.list(data)
  if (prior) {
    # The likelihood is the line behind that of eta.
    first <- grep("^    [A-Za-z0-9_]+\\[i\\] ~ ", code)[1]
    code <- code[-first]
  }
  nodes <- regmatches(code, regexpr("^ *[A-Za-z0-9_]+(?=(\\[[^]]*\\])? (~|<-))", code, perl = TRUE))
  nodes <- reported(unique(trimws(nodes)), prior)
  if (prior) nodes <- nodes[!grepl("^u_", nodes)]
  unused <- setdiff(names(data), regmatches(paste(code, collapse = " "), gregexpr("[A-Za-z0-9_]+", paste(code, collapse = " ")))[[1]])
  data[unused] <- NULL
  inits <- lapply(1:4, function(chain) list(.RNG.name = "base::Mersenne-Twister", .RNG.seed = 20261128 + chain))
  connection <- textConnection(code)
  model_run <- jags.model(connection, data, inits, n.chains = 4, n.adapt = 1000, quiet = TRUE)
  close(connection)
  update(model_run, 1000, progress.bar = "none")
  samples <- as_draws_array(coda.samples(model_run, nodes, n.iter = if (prior) 5000 else 10000, thin = if (prior) 1 else 4, progress.bar = "none"))

  # Chains that mix slowly go on for as long as they need, up to 40 times as long.
  least <- min(summarise_draws(samples, "ess_bulk")$ess_bulk, na.rm = TRUE)
  if (!prior && least < 300) {
    longer <- min(40, ceiling(1.5 * 300 / least))
    cat(model, "jags: least ESS", least, "so", longer, "times as long\n")
    samples <- as_draws_array(coda.samples(model_run, nodes, n.iter = longer * 10000, thin = longer * 4, progress.bar = "none"))
  }
  keep(if (prior) "export_prior.csv" else "export.csv", summarise(samples, model, "jags", prior))
}

# The data of the Stan program as a data frame: what has a value for each row.
frame <- function(model) {
  data <- jsonlite::fromJSON(file.path("export", paste0(model, ".data.json")))
  frame <- data.frame(row = seq_len(data$N))
  for (name in setdiff(names(data), "N"))
    if (NROW(data[[name]]) == data$N && !grepl("^(prior|origin)_", name)) frame[[name]] <- data[[name]]
  frame
}

lme4 <- function(model) {
  suppressPackageStartupMessages(library(lme4))
  code <- paste(readLines(file.path("export", paste0(model, ".lme4"))), collapse = "\n")

  # The optimiser's own tolerances are wider than what is compared.
  control <- if (grepl("lmer\\(", code) && !grepl("glmer", code)) "lmerControl" else "glmerControl"
  more <- if (control == "glmerControl") ", tolPwrss = 1e-10" else ""
  code <- sub("\\)$", paste0(", control = ", control, "(optimizer = 'bobyqa', optCtrl = list(rhoend = 1e-10, maxfun = 1e5)", more, "))"), code)
  data <- frame(model)
  fit <- eval(parse(text = code))
  names <- c(paste0("b[", seq_along(fixef(fit)), "]"))
  values <- unname(fixef(fit))
  for (group in names(VarCorr(fit))) {
    sds <- attr(VarCorr(fit)[[group]], "stddev")
    names <- c(names, paste0("sd_", group, "[", seq_along(sds), "]"))
    values <- c(values, unname(sds))
  }
  if (isLMM(fit)) {
    names <- c(names, "sigma")
    values <- c(values, sigma(fit))
  }
  names <- c(names, "log likelihood")
  values <- c(values, as.numeric(logLik(fit)))
  keep("export_lme4.csv", data.frame(model = model, tool = "lme4", variable = names, value = values))
}

run_brms <- function(model) {
  suppressPackageStartupMessages(library(brms))
  if (!nzchar(rstan::rstan_options("boost_lib"))) rstan::rstan_options(boost_lib = "/usr/include")
  code <- paste(readLines(file.path("export", paste0(model, ".brms"))), collapse = "\n")
  code <- sub("\\)$", ", chains = 4, iter = 2500, warmup = 1000, cores = 1, seed = 20261128, refresh = 0, control = list(adapt_delta = adapt_delta(model)))", code)
  data <- frame(model)

  # The data hold indicators of the levels of a category; brms takes the levels themselves, which the priors name in the same order.
  categories <- regmatches(code, gregexpr('data\\$(\\w+) <- relevel\\(factor\\(data\\$\\w+\\), ref = "[^"]*"', code))[[1]]
  levels <- list()
  for (category in categories) {
    name <- sub("^data\\$(\\w+) .*", "\\1", category)
    reference <- sub('.*ref = "([^"]*)"', "\\1", category)
    stated <- regmatches(code, gregexpr(paste0('class = "b", coef = "', name, '[^"]+"'), code))[[1]]
    levels[[name]] <- sub(paste0('.*coef = "', name, '([^"]+)"'), "\\1", stated)
    indicators <- as.matrix(data[[name]])
    data[[name]] <- c(reference, levels[[name]])[1 + indicators %*% seq_len(ncol(indicators))]
  }
  fit <- eval(parse(text = code))
  draws <- as_draws_array(fit)

  # The names of the other programs. Effects are left out, and what brms knows at the means of the columns only.
  draws <- subset_draws(draws, grep("^(b_|sd_|cor_)|^(sigma|shape|phi|nu)$", variables(draws), value = TRUE))
  variables(draws) <- gsub("__", "_", variables(draws))
  for (name in names(levels))
    variables(draws)[match(paste0("b_", name, levels[[name]]), variables(draws))] <- paste0("b_", name, "[", seq_along(levels[[name]]), "]")
  moved <- any(grepl("_mid$", variables(draws)))
  if (moved) draws <- subset_draws(draws, grep("^cor_|^sd_.*_Intercept$", variables(draws), value = TRUE, invert = TRUE))
  variables(draws) <- sub("_mid$", "", variables(draws))
  keep("export.csv", summarise(draws, model, "brms"))
}

extensions <- c(stan = "stan", jags = "jags", prior = "jags", lme4 = "lme4", brms = "brms")
for (model in models) {
  for (tool in tools) {
    if (!file.exists(file.path("export", paste0(model, ".", extensions[[tool]])))) next
    cat(format(Sys.time(), "%H:%M:%S"), model, tool, "\n")
    switch(tool, stan = run_stan(model), jags = jags(model), prior = jags(model, prior = TRUE), lme4 = lme4(model), brms = run_brms(model))
  }
}
