# Brunner and Munzel's test for pairs by R's package nparcomp (3.0), on made-up pairs.
#
# Rscript tests/reference/paired_ranks.R > tests/reference/paired_ranks.json
#
# The package gives the effect, T, Student's p and, on the scale of the effect, an interval whose half-width over
# t's quantile is the standard error. Without variance it puts 1/n in its place, which is no answer: NA here. Its p of
# permutations counts those beyond T and loses to rounding some that equal it, so the share of all ways to swap
# with at least this |T| is counted here, by R's ranks; a T without variance is infinite.

library(nparcomp)

studentized <- function(a, b) {
  n <- length(a)
  among_all <- rank(c(a, b))
  first <- (among_all[1:n] - rank(a)) / n
  second <- (among_all[n + 1:n] - rank(b)) / n
  shift <- mean(second) - 1 / 2
  variance <- var(first - second)
  if (abs(shift) < 1e-12) 0 else if (variance < 1e-12) Inf else sqrt(n) * shift / sqrt(variance)
}

all_ways <- function(a, b) {
  n <- length(a)
  seen <- abs(studentized(a, b))
  ways <- sapply(0:(2^n - 1), function(way) {
    swapped <- bitwAnd(way, 2^(1:n - 1)) > 0
    abs(studentized(ifelse(swapped, b, a), ifelse(swapped, a, b)))
  })
  mean(ways >= seen * (1 - 1e-9))
}

by_package <- function(a, b) {
  n <- length(a)
  data <- data.frame(value = c(a, b), side = rep(c("a", "b"), each = n))
  found <- npar.t.test.paired(value ~ side, data, nperm = 1, rounds = 17, info = FALSE, plot.simci = FALSE)$Analysis
  half <- found["BM", "Upper"] - found["BM", "p.hat"]
  c(found["BM", "p.hat"], found["BM", "T"], found["BM", "p.value"], half / qt(0.975, n - 1))
}

number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))
list_of <- function(x) paste0("[", paste(sprintf("%.6g", x), collapse = ", "), "]")

set.seed(20120614)
lines <- c()
for (case in 1:60) {
  n <- c(3:10, 14, 25, 40)[(case - 1) %% 11 + 1]
  common <- rnorm(n)
  a <- common + 0.7 * rnorm(n)
  b <- common + 0.7 * rnorm(n) * c(1, 2)[case %% 2 + 1] + c(0, 0.5, 1.5)[case %% 3 + 1]
  kinds <- list(identity, exp, round, function(v) round(2 * v))
  values <- lapply(list(a, b), kinds[[case %% 4 + 1]])
  values <- lapply(values, function(v) signif(v, 6))
  a <- values[[1]]
  b <- values[[2]]
  among_all <- rank(c(a, b))
  without <- var(among_all[1:n] - rank(a) - among_all[n + 1:n] + rank(b)) < 1e-9
  found <- if (without) rep(NA, 4) else by_package(a, b)
  ways <- if (n <= 10) all_ways(a, b) else NA
  lines <- c(lines, sprintf(' {"a": %s, "b": %s, "effect": %s, "w": %s, "p": %s, "se": %s, "swapped": %s}',
    list_of(a), list_of(b), number(found[1]), number(found[2]), number(found[3]), number(found[4]), number(ways)))
}
cat("[\n", paste(lines, collapse = ",\n"), "\n]\n", sep = "")
