# Our statistics against R (base and stats alone) on made-up inputs.
#
# Rscript tests/reference/r_cases.R > tests/reference/r_cases.json   (200 cases)
# Rscript tests/reference/r_cases.R run 10000   (ours of so many cases against R: a table)
#
# R has no whole numbers of 64 bits, so the example `r_cases` of the engine makes the inputs and prints them to
# the last bit, with our answers. Where R has no such answer (an exact test with ties, no variance) the entry is NA.
#
# Not here, because R has it by another definition: bounds of rank tests by the normal approximation (roots, to
# 10^-4), power (roots too), curved laws of scalability (nls stops at 10^-5). Or only in contributed packages: rank
# tests that are exact with ties, Brunner-Munzel, Yuen, Harrell-Davis, the dip, BCa, change points, alpha spending.

TOLERANCE <- 1e-10
STORED <- 200

# An answer of R, or NA where it refuses or was not asked.
maybe <- function(answer) tryCatch(answer, error = function(refused) NA_real_)

# A quantile, unless R's own tail beyond it is another: of t, R's quantiles above 10^60 are off by up to some
# percent, and of chi-square by 10^-9 here and there; by mpmath, ours are right.
leads_back <- function(q, back, tail) ifelse(abs(back / tail - 1) < TOLERANCE, q, NA)

varies <- function(x) length(unique(x)) > 1

sides <- function(p) sapply(c("two.sided", "less", "greater"), function(side) maybe(p(side)))

# t-tests. Without variance R says t = Inf, and refuses only near it; there is no test.
locations <- function(a, b, d, margin) {
  out <- list()
  for (name in c("welch", "pooled")) {
    apart <- if (varies(a) || varies(b)) maybe(t.test(a, b, var.equal = name == "pooled")) else NA
    out[[paste0(name, "_t")]] <- maybe(apart$statistic)
    out[[paste0(name, "_df")]] <- maybe(apart$parameter)
    out[[paste0(name, "_p")]] <- maybe(apart$p.value)
    out[[paste0(name, "_interval")]] <- if (is.list(apart)) apart$conf.int else c(NA, NA)
  }
  one_sided <- function(mu, side) if (varies(a) || varies(b)) t.test(a, b, mu = mu, alternative = side) else NA
  lower <- maybe(one_sided(-margin, "greater"))
  upper <- maybe(one_sided(margin, "less"))
  out$tost_lower_t <- maybe(lower$statistic)
  out$tost_lower_p <- maybe(lower$p.value)
  out$tost_upper_t <- maybe(upper$statistic)
  out$tost_upper_p <- maybe(upper$p.value)
  out$tost_interval <- if (is.list(lower)) c(lower$conf.int[1], upper$conf.int[2]) else c(NA, NA)
  paired <- if (varies(d)) maybe(t.test(a[seq_along(d)], b[seq_along(d)], paired = TRUE)) else NA
  out$paired_t <- maybe(paired$statistic)
  out$paired_df <- maybe(paired$parameter)
  out$paired_p <- maybe(paired$p.value)
  out$paired_half_width <- maybe(diff(paired$conf.int) / 2)
  few <- d[seq_len(min(length(d), 7))]
  mean_of_few <- if (varies(few)) maybe(t.test(few)) else NA
  out$suite_ratio <- maybe(exp(mean_of_few$estimate))
  out$suite_bounds <- if (is.list(mean_of_few)) exp(mean_of_few$conf.int) else c(NA, NA)
  out$history_p <- NA
  out$history_interval <- c(NA, NA)
  if (length(d) >= 4 && varies(d[1:3])) {
    log_scale <- all(d[1:4] > 0)
    level <- if (log_scale) log(d[1:4]) else d[1:4]
    known <- level[1:3]
    expected <- predict(lm(known ~ 1), data.frame(row.names = 1), interval = "prediction", level = 0.99, se.fit = TRUE)
    error <- sqrt(expected$se.fit^2 + expected$residual.scale^2)
    out$history_p <- 2 * pt(-abs(level[4] - expected$fit[1]) / error, expected$df)
    out$history_interval <- if (log_scale) exp(expected$fit[2:3]) else expected$fit[2:3]
  }
  out
}

# The exact tests have no ties in R. Its intervals state the confidence asked for, and say by a warning when samples
# are too small for any; what is reached follows from the distribution.
ranks <- function(a, b, d, many) {
  out <- list()
  u <- function(side, ...) wilcox.test(a, b, alternative = side, ...)
  untied <- !anyDuplicated(c(a, b))
  out$mann_whitney_u <- u("two.sided", exact = FALSE)$statistic
  out$mann_whitney_p <- sides(function(side) if (untied) u(side, exact = TRUE)$p.value else NA)
  out$mann_whitney_normal_p <- sides(function(side) if (varies(c(a, b))) u(side, exact = FALSE)$p.value else NA)
  v <- function(side) wilcox.test(d, alternative = side, exact = TRUE)
  plain <- !anyDuplicated(abs(d)) && all(d != 0)
  out$signed_rank_v <- if (any(d != 0)) wilcox.test(d, exact = FALSE)$statistic else NA
  out$signed_rank_p <- sides(function(side) if (plain) v(side)$p.value else NA)
  # Up to 368 differences ours is exact.
  beyond <- sum(many != 0) > 368
  out$signed_rank_normal_p <- sides(function(side)
    if (beyond) wilcox.test(many, alternative = side, exact = FALSE)$p.value else NA)
  interval <- function(test, rank, below) {
    if (!is.list(test)) return(list(NA, c(NA, NA), NA))
    reached <- rank > 0
    list(test$estimate, if (reached) test$conf.int else c(NA, NA), if (reached) 1 - 2 * below(rank - 1) else NA)
  }
  test <- if (untied) wilcox.test(b, a, exact = TRUE, conf.int = TRUE) else NA
  rank <- qwilcox(0.025, length(a), length(b))
  found <- interval(test, rank, function(q) pwilcox(q, length(a), length(b)))
  out[c("hodges_lehmann", "hodges_lehmann_bounds", "hodges_lehmann_confidence")] <- found
  test <- if (plain) wilcox.test(d, exact = TRUE, conf.int = TRUE) else NA
  found <- interval(test, qsignrank(0.025, length(d)), function(q) psignrank(q, length(d)))
  out[c("walsh", "walsh_bounds", "walsh_confidence")] <- found
  x <- a[seq_along(d)]
  y <- b[seq_along(d)]
  judged <- length(d) >= 10 && varies(x) && varies(y)
  rank <- if (judged) cor.test(x, y, method = "spearman", exact = FALSE) else NA
  out$spearman_r <- maybe(rank$estimate)
  out$spearman_p <- maybe(rank$p.value)
  out
}

descriptions <- function(a, b, p, chance) list(
  mean = mean(a),
  variance = c(var(a), var(b)),
  median = median(a),
  mad = mad(a, constant = 1),
  trimmed_mean = if (length(a) - 2 * floor(0.2 * length(a)) >= 3) mean(a, trim = 0.2) else NA,
  quantiles = quantile(a, c(0.05, 0.25, 0.9, 0.99), type = 7),
  selected_quantile = quantile(a, chance, type = 7),
  holm = p.adjust(p, "holm"),
  benjamini_hochberg = p.adjust(p, "BH"),
  benjamini_yekutieli = p.adjust(p, "BY")
)

counts <- function(k, n, table, p, chance) {
  low <- qbinom(0.025, n, chance)
  high <- qbinom(0.025, n, chance, lower.tail = FALSE) + 1
  list(
    clopper_pearson = binom.test(k, n)$conf.int,
    wilson = prop.test(k, n, correct = FALSE)$conf.int,
    fisher_exact = fisher.test(matrix(table, 2), conf.int = FALSE)$p.value,
    null_line = binom.test(sum(p < 0.05), length(p), 0.05, alternative = "greater")$p.value,
    quantile_ranks = c(low, high),
    quantile_confidence = pbinom(high - 1, n, chance) - pbinom(low - 1, n, chance)
  )
}

series <- function(x, correction) {
  out <- list(correlations_r = NA, ljung_box = NA, ljung_box_p = NA, kendall_s = NA, kendall_p = NA)
  n <- length(x)
  if (n >= 10 && varies(x)) {
    lags <- min(10, n %/% 5)
    out$correlations_r <- acf(x, lag.max = lags, plot = FALSE)$acf[-1]
    test <- Box.test(x, lag = lags, type = "Ljung-Box")
    out$ljung_box <- test$statistic
    # Its own p is one less the lower tail, and 0 from 10^-16 on.
    out$ljung_box_p <- pchisq(test$statistic, test$parameter, lower.tail = FALSE)
  }
  if (n >= 8 && varies(x)) {
    test <- cor.test(x, seq_len(n), method = "kendall", exact = FALSE, continuity = TRUE)
    pairs <- n * (n - 1) / 2
    tied <- sum(choose(table(x), 2))
    out$kendall_s <- round(test$estimate * sqrt(pairs - tied) * sqrt(pairs))
    # By how much dependence widens the variance is ours; R has no such test.
    out$kendall_p <- 2 * pnorm(-abs(test$statistic) / sqrt(correction))
  }
  out
}

models <- function(a, b, executions) {
  out <- list()
  x <- c(a, b)
  m <- length(x) %/% 3
  triples <- x[seq_len(3 * m)]
  squares <- if (m > 1) anova(lm(triples ~ factor(rep(seq_len(m), each = 3))))$`Mean Sq` else
    c(NA, if (m == 1) var(triples) else NA)
  # Of equal values the fit leaves rounding.
  no_rounding <- function(squares) ifelse(squares < 1e-28, 0, squares)
  out$mean_squares <- no_rounding(squares) / c(3, 1)
  out$component_of_variance <- max(0, (squares[1] - squares[2]) / 3)
  scaled <- if (all(x > 0)) log(x) else x
  group <- rep(0:1, c(length(a), length(b)))
  out$share_of_variance <- if (varies(x)) summary(lm(scaled ~ group))$r.squared else NA
  threads <- seq_along(a)
  line <- if (all(a > 0)) lm(a ~ 0 + threads, weights = 1 / a^2) else NA
  out$linear_law <- maybe(coef(line))
  out$linear_law_cost <- no_rounding(maybe(deviance(line)))
  e <- lapply(executions, as.integer)
  e$log_time <- executions$log_time
  # None before the first one of a fork: what that adds, the first position has already.
  e$previous <- c(-1, head(e$benchmark, -1))
  e$previous[e$position == 0] <- -1
  for (column in c("benchmark", "fork", "position", "previous")) e[[column]] <- factor(e[[column]])
  without <- lm(log_time ~ benchmark + fork + position, e)
  test <- anova(without, update(without, . ~ . + previous))
  out$carryover_f <- test$F[2]
  out$carryover_df <- c(test$Df[2], test$Res.Df[2])
  out$carryover_p <- test$`Pr(>F)`[2]
  if (anyNA(out$carryover_f)) out$carryover_df <- c(NA, NA)
  out
}

distributions <- function(x) with(x, list(
  normal = c(pnorm(z), pnorm(z, lower.tail = FALSE)),
  normal_quantile = c(qnorm(chance), qnorm(tail, lower.tail = FALSE)),
  t = c(pt(-t, df1, lower.tail = FALSE), pt(t, df1, lower.tail = FALSE)),
  far_t = c(2 * pt(-far_t, df1), pt(far_t, df2, lower.tail = FALSE)),
  t_quantile = c(qt(chance, df1), qt(chance, df2)),
  far_t_quantile = {
    q <- c(qt(tail, df1, lower.tail = FALSE), qt(tail, df2, lower.tail = FALSE))
    leads_back(q, pt(q, c(df1, df2), lower.tail = FALSE), tail)
  },
  f = c(pf(f, df1, df2), pf(f, df1, df2, lower.tail = FALSE)),
  far_f = c(pf(far_f, df1, df2), pf(far_f, df1, df2, lower.tail = FALSE)),
  f_quantile = c(qf(chance, df1, df2, lower.tail = FALSE), qf(tail, df1, df2, lower.tail = FALSE)),
  chi2 = c(pchisq(chi2, df1), pchisq(chi2, df1, lower.tail = FALSE)),
  chi2_quantile = {
    q <- qchisq(c(chance, tail), df1, lower.tail = FALSE)
    leads_back(q, pchisq(q, df1, lower.tail = FALSE), c(chance, tail))
  },
  binomial = c(pbinom(k, n, chance), pbinom(k - 1, n, chance, lower.tail = FALSE)),
  beta = c(pbeta(x, df1, df2), pbeta(chance, df1, df1))
))

answers <- function(x) {
  n <- seq_len(min(length(x$a), length(x$b)))
  d <- x$a[n] - x$b[n]
  out <- c(
    locations(x$a, x$b, d, x$margin),
    ranks(x$a, x$b, d, x$many),
    descriptions(x$a, x$b, x$p, x$chance),
    counts(x$k, x$n, x$table, x$p, x$chance),
    series(c(x$a, x$b), x$trend_correction),
    models(x$a, x$b, x[c("fork", "position", "benchmark", "log_time")]),
    distributions(x)
  )
  lapply(out, function(values) {
    values <- as.numeric(values)
    replace(values, !is.finite(values), NA)
  })
}

# `name=numbers;name=numbers`, as the example prints it; a number is `3p-1` for 3 / 2, or NA.
read <- function(line) {
  fields <- strsplit(strsplit(line, ";", fixed = TRUE)[[1]], "=", fixed = TRUE)
  values <- lapply(fields, function(field) {
    parts <- strsplit(strsplit(field[2], " ", fixed = TRUE)[[1]], "p", fixed = TRUE)
    vapply(parts, function(part) as.numeric(part[1]) * 2^as.numeric(part[2]), 0)
  })
  setNames(values, vapply(fields, `[`, "", 1))
}

# Calls `use` with the inputs and our answers of each case.
each_case <- function(cases, use) {
  program <- pipe(paste("cargo run --release --locked -q -p noisefloor-core --example r_cases", cases), "r")
  on.exit(close(program))
  seen <- 0
  while (length(lines <- readLines(program, 2)) == 2) {
    use(read(lines[1]), read(lines[2]))
    seen <- seen + 1
  }
  if (seen != cases) stop("the example made ", seen, " cases")
}

run <- function(cases) {
  worst <- counts <- numeric()
  bad <- 0
  each_case(cases, function(inputs, ours) {
    theirs <- answers(inputs)
    if (!setequal(names(ours), names(theirs))) stop("other names: ", setdiff(names(ours), names(theirs)))
    for (name in names(theirs)) {
      want <- theirs[[name]]
      got <- ours[[name]]
      known <- !is.na(want)
      if (!any(known)) next
      if (length(want) != length(got)) stop(name, " has ", length(got), " values, not ", length(want))
      # A difference of nearly equal numbers is rounded like these. Ours has no p of 0: 10^-308 stands for it.
      least <- if (grepl("_(t|r|interval|of_variance)$", name)) 0.1 else 1e-290
      error <- abs(got - want)[known] / pmax(abs(want[known]), least)
      error[is.na(error)] <- Inf
      if (any(error > TOLERANCE)) message(name, ": ", deparse(got), ", not ", deparse(want))
      bad <<- bad + sum(error > TOLERANCE)
      worst[name] <<- max(worst[name], error, na.rm = TRUE)
      counts[name] <<- sum(counts[name], 1, na.rm = TRUE)
    }
  })
  cat(sprintf("%-26s %7s  largest relative difference\n", "statistic", "inputs"))
  for (name in sort(names(worst))) cat(sprintf("%-26s %7d  %.1e\n", name, counts[name], worst[name]))
  cat(sprintf("%d cases, %d answers differ by more than %g; %s\n", cases, bad, TOLERANCE, R.version.string))
  quit(status = as.integer(bad > 0))
}

# A row a statistic: an entry a case, a list where it has several numbers. 12 digits are enough to tell 10^-10.
store <- function() {
  all <- list()
  each_case(STORED, function(inputs, ours) {
    found <- vapply(answers(inputs), function(values) {
      numbers <- ifelse(is.na(values), "null", sprintf("%.12g", values))
      if (length(values) == 1 || all(is.na(values))) numbers[1] else sprintf("[%s]", paste(numbers, collapse = ","))
    }, "")
    all <<- c(all, list(found))
  })
  rows <- vapply(names(all[[1]]), function(name) {
    sprintf(' "%s": [%s]', name, paste(vapply(all, `[[`, "", name), collapse = ","))
  }, "")
  cat("{\n", paste(rows, collapse = ",\n"), "\n}\n", sep = "")
}

options(warn = -1)
mode <- commandArgs(trailingOnly = TRUE)
if (length(mode) == 2 && mode[1] == "run") run(as.integer(mode[2])) else store()
