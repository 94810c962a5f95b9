# R's side of the comparison with models/farrington.py. Needs R's package 'surveillance'
# (Debian: r-cran-surveillance).
#
#   Rscript benchmarks/farrington.R fixture FOLDER
#       series of many shapes and salmNewport, judged under several settings; the numbers that
#       tests/models/test_farrington_parity.py compares with
#   Rscript benchmarks/farrington.R time COUNTS.csv FIRST LAST JUDGED.csv
#       judges weeks FIRST to LAST (from 1) of every column with the usual settings, and prints
#       the seconds that farringtonFlexible took

suppressMessages(library(surveillance))

settings <- data.frame(
  name   = c("default", "dates", "strict", "short", "wide", "one_season", "population"),
  b      = c(5, 5, 5, 3, 4, 4, 5),
  w      = c(3, 3, 3, 2, 5, 3, 3),
  groups = c(10, 10, 10, 7, 10, 1, 10),
  past   = c(26, 26, 26, 26, 3, 3, 26),
  limit  = c(2.58, 2.58, 2.58, 2.58, 1, 1, 2.58),
  p      = c(1, 1, 0.05, 1, 0.05, 0.05, 1),
  alpha  = c(0.005, 0.005, 0.001, 0.05, 0.01, 0.05, 0.005)
)

judge <- function(counts, weeks, with, dates = NULL, population = NULL) {
  sts <- if (is.null(dates)) sts(counts, frequency = 52, start = c(2000, 1))
         else sts(counts, frequency = 52, epoch = dates)
  if (!is.null(population)) sts@populationFrac <- population
  control <- list(
    range = weeks, b = with$b, w = with$w, reweight = TRUE, weightsThreshold = with$limit,
    trend = TRUE, pThresholdTrend = with$p, alpha = with$alpha, noPeriods = with$groups,
    pastWeeksNotIncluded = with$past, thresholdMethod = "nbPlugin", glmWarnings = FALSE,
    populationOffset = !is.null(population)
  )
  suppressWarnings(farringtonFlexible(sts, control = control))
}

long <- function(found, set, name, weeks) {
  data.frame(
    set = set, setting = name, week = rep(weeks - 1, ncol(found@upperbound)),
    series = rep(seq_len(ncol(found@upperbound)) - 1, each = length(weeks)),
    upper = as.vector(found@upperbound), alarm = as.integer(as.vector(found@alarm)),
    expected = signif(as.vector(found@control$mu0Vector), 12),
    dispersion = signif(as.vector(found@control$phiVector), 10),
    p_value = signif(as.vector(found@control$pvalue), 8)
  )
}

# 400 weeks of 30 shapes; bursts at the end, so that sparse series are judged too.
simulated <- function() {
  set.seed(2013)
  n <- 400
  t <- seq_len(n)
  season <- exp(0.8 * cos(2 * pi * t / 52))
  outbreaks <- function(y, size) {
    at <- sample(20:330, 4)
    for (i in at) y[i:(i + 5)] <- y[i:(i + 5)] + rpois(6, size)
    y
  }
  zeros <- function(y, share) ifelse(runif(n) < share, 0, y)
  shapes <- list(
    rpois(n, 0.02), rpois(n, 0.1), rpois(n, 0.4), rnbinom(n, mu = 0.3, size = 0.2),
    rpois(n, 1), rnbinom(n, mu = 2, size = 1), rpois(n, 5), rpois(n, 10 * season),
    rnbinom(n, mu = 20, size = 4), rnbinom(n, mu = 100 * season, size = 10),
    rpois(n, 1e4 * season), rnbinom(n, mu = 1e6, size = 30), rpois(n, 1e7),
    rpois(n, exp(t / 100)), rnbinom(n, mu = 30 * exp(-t / 80), size = 5),
    rnbinom(n, mu = exp(6 - t / 40), size = 3), rpois(n, 2 + t / 20),
    zeros(rpois(n, 8), 0.6), zeros(rnbinom(n, mu = 50, size = 2), 0.8), zeros(rpois(n, 1e3), 0.9),
    outbreaks(rpois(n, 3), 12), outbreaks(rnbinom(n, mu = 15, size = 5), 60),
    outbreaks(rpois(n, 0.2), 5), outbreaks(rpois(n, 40 * season), 200),
    ifelse(t %% 52 < 10, rpois(n, 30), 0), ifelse(t %% 52 < 10, rpois(n, 3e5), 0),
    rep(0, n), ifelse(t == 150, 1, 0), ifelse(t > 250, rpois(n, 6), 0), rep(7, n)
  )
  counts <- do.call(cbind, shapes)
  for (j in seq_len(ncol(counts))) {
    at <- sample(371:400, 8)
    counts[at, j] <- counts[at, j] + rpois(8, 4) + 1
  }
  counts
}

# Series by series, since the package stops at a singular fit; those series have no rows.
one_by_one <- function(counts, weeks, with, set, dates, population = NULL) {
  parts <- lapply(seq_len(ncol(counts)), function(j) {
    tryCatch({
      of <- if (is.null(population)) NULL else population[, j, drop = FALSE]
      part <- long(judge(counts[, j, drop = FALSE], weeks, with, dates, of), set, with$name, weeks)
      part$series <- j - 1
      part
    }, error = function(e) {
      cat(set, with$name, "series", j, ":", conditionMessage(e), "\n", file = stderr())
      NULL
    })
  })
  do.call(rbind, parts)
}

fixture <- function(folder) {
  write <- function(what, name) {
    file <- gzfile(file.path(folder, name), "w")
    write.csv(what, file, row.names = FALSE, quote = FALSE, na = "")
    close(file)
  }
  data(salmNewport, envir = environment())
  counts <- simulated()
  weeks <- 375:400  # the package needs them unbroken
  n <- nrow(counts)
  # Week-ending days through a leap day, so that anniversaries are 52 and 53 weeks apart.
  dates <- as.Date("1998-08-03") + 7 * (seq_len(n) - 1)
  population <- matrix(round(1e5 * exp(seq_len(n) / 300)), n, ncol(counts))
  salmon <- cbind(observed(salmNewport), Germany = rowSums(observed(salmNewport)))
  days <- as.Date(epoch(salmNewport))
  late <- 500:nrow(salmon)
  rows <- list()
  for (i in seq_len(nrow(settings))) {
    with <- settings[i, ]
    rows[[length(rows) + 1]] <- one_by_one(
      counts, weeks, with, "simulated", if (with$name == "dates") dates,
      if (with$name == "population") population)
    if (with$name != "population") rows[[length(rows) + 1]] <- one_by_one(
      salmon, late, with, "salmon", if (with$name == "dates") days)
    cat(with$name, "\n", file = stderr())
  }
  write(do.call(rbind, rows), "farrington_judged.csv.gz")
  write(data.frame(date = dates, population = population[, 1], counts),
        "farrington_simulated.csv.gz")
  write(data.frame(date = days, salmon), "farrington_salmon.csv.gz")
  write(settings, "farrington_settings.csv.gz")
}

arguments <- commandArgs(trailingOnly = TRUE)
if (arguments[1] == "fixture") {
  fixture(arguments[2])
} else {
  counts <- as.matrix(read.csv(arguments[2], header = FALSE))
  weeks <- as.integer(arguments[3]):as.integer(arguments[4])
  seconds <- system.time(found <- judge(counts, weeks, settings[1, ]))[["elapsed"]]
  write.csv(long(found, "timed", "default", weeks), arguments[5], row.names = FALSE, quote = FALSE)
  cat(seconds, "\n")
}
