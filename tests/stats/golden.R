# Golden values for the tests of analysis.stats, from base R alone.
# Run: Rscript golden.R > golden.csv
# Columns: case, function, input_1 to input_4 (vectors are separated by spaces; their meaning is in
# test_stats_golden.py), level, quantity, expected, tool.

tool <- paste("R", getRversion())
options(warn = -1)
number <- function(x) paste(formatC(x, digits = 15, format = "g", width = -1), collapse = " ")
case <- 0

emit <- function(name, inputs, level, source, ...) {
  case <<- case + 1
  inputs <- c(vapply(inputs, number, ""), rep("", 4 - length(inputs)))
  expected <- list(...)
  for (quantity in names(expected)) {
    cells <- c(case, name, inputs, level, quantity, number(expected[[quantity]]), paste(tool, source))
    cat(paste0(cells, collapse = ","), "\n", sep = "")
  }
}

cat("case,function,input_1,input_2,input_3,input_4,level,quantity,expected,tool\n")

# one proportion: prop.test without correction is Wilson's score interval
for (row in list(c(12, 90), c(0, 12), c(12, 12), c(1, 1), c(3, 7), c(100, 272), c(268, 272), c(15021, 15207))) {
  for (level in c(0.95, 0.998)) {
    limits <- prop.test(row[1], row[2], correct = FALSE, conf.level = level)$conf.int
    emit("wilson", as.list(row), level, "prop.test", rate = row[1] / row[2], lower = limits[1], upper = limits[2])
  }
}

# one count or rate: poisson.test
for (row in list(c(0, 1), c(1, 1), c(3, 1), c(10, 1), c(111, 1), c(272, 1), c(4140, 1), c(111, 6.98), c(0, 0.25))) {
  for (level in c(0.95, 0.9)) {
    found <- poisson.test(row[1], row[2], conf.level = level)
    emit("garwood", as.list(row), level, "poisson.test",
      rate = unname(found$estimate), lower = found$conf.int[1], upper = found$conf.int[2])
  }
}

# two counts: poisson.test; the E-test is written out, Krishnamoorthy & Thomson (2004), eq. 3.5
e_test <- function(k1, t1, k2, t2) {
  rate <- (k1 + k2) / (t1 + t2)
  statistic <- function(x, y) {
    spread <- sqrt(x / t1^2 + y / t2^2)
    ifelse(spread == 0, 0, abs(x / t1 - y / t2) / ifelse(spread == 0, 1, spread))
  }
  x <- 0:qpois(1e-15, rate * t1, lower.tail = FALSE)
  y <- 0:qpois(1e-15, rate * t2, lower.tail = FALSE)
  extreme <- outer(x, y, statistic) >= statistic(k1, k2) - 1e-9
  sum(outer(dpois(x, rate * t1), dpois(y, rate * t2))[extreme])
}
for (row in list(c(90, 1, 111, 1), c(5, 1, 0, 1), c(7, 1, 7, 1), c(4, 1, 15, 1))) {
  found <- poisson.test(c(row[3], row[1]), c(row[4], row[2]))
  emit("change_in_counts", as.list(row), 0.95, "poisson.test and E-test written out",
    change = unname(found$estimate), lower = found$conf.int[1], upper = found$conf.int[2],
    p_value = found$p.value, p_value_e_test = e_test(row[3], row[4], row[1], row[2]))
}

# two proportions: Newcombe's method 10 from the Wilson limits of prop.test; its score test without correction
for (row in list(c(9, 90, 10, 111), c(1, 10, 3, 12), c(0, 10, 5, 12), c(10, 10, 9, 12), c(48, 80, 56, 70),
                 c(15021, 15207, 14890, 15100))) {
  p <- row[c(1, 3)] / row[c(2, 4)]
  one <- prop.test(row[1], row[2], correct = FALSE)$conf.int
  two <- prop.test(row[3], row[4], correct = FALSE)$conf.int
  difference <- p[2] - p[1]
  emit("change_in_proportions", as.list(row), 0.95, "prop.test",
    change = difference,
    lower = difference - sqrt((p[2] - two[1])^2 + (one[2] - p[1])^2),
    upper = difference + sqrt((two[2] - p[2])^2 + (p[1] - one[1])^2),
    p_value = prop.test(row[c(1, 3)], row[c(2, 4)], correct = FALSE)$p.value)
}

# funnels: limits and the spread between units
moments <- function(deviation, variance) {
  z <- deviation / sqrt(variance)
  ends <- quantile(z, c(0.1, 0.9), type = 7)
  phi <- mean(pmin(pmax(z, ends[1]), ends[2])^2)
  w <- 1 / variance
  units <- length(z)
  list(phi = phi, tau = max(0, (units * phi - (units - 1)) / (sum(w) - sum(w^2) / sum(w))))
}
funnel_cases <- list(
  list(c(12, 30, 45, 9, 60, 22, 31, 18, 77, 40, 5, 66), c(90, 110, 150, 60, 130, 80, 95, 70, 200, 160, 40, 140)),
  list(c(10, 20, 30, 40, 25), c(100, 200, 310, 390, 260)),
  list(c(0, 8, 20, 5), c(15, 8, 25, 5)))
for (row in funnel_cases) {
  x <- row[[1]]; n <- row[[2]]; p <- sum(x) / sum(n)
  got <- moments(asin(sqrt(x / n)) - asin(sqrt(p)), 1 / (4 * n))
  wide <- function(tail) sin(pmin(pmax(asin(sqrt(p)) + qnorm(tail) * sqrt(1 / (4 * n) + got$tau), 0), pi / 2))^2
  plain <- function(tail) pmin(pmax(p + qnorm(tail) * sqrt(p * (1 - p) / n), 0), 1)
  emit("funnel_proportions", row, 0.95, "quantile and qnorm",
    reference = rep(p, length(x)), phi = rep(got$phi, length(x)), tau_squared = rep(got$tau, length(x)),
    low_95 = wide(0.025), high_95 = wide(0.975), low_998 = wide(0.001), high_998 = wide(0.999),
    plain_low_95 = plain(0.025), plain_high_95 = plain(0.975),
    plain_low_998 = plain(0.001), plain_high_998 = plain(0.999))
}
rate_cases <- list(
  list(c(111, 90, 300, 20, 0, 45, 60, 80, 31, 500, 64, 12), c(7, 5, 6, 3, 1, 3, 4, 5, 2, 18, 4, 1)),
  list(c(10, 21, 29, 41, 25), c(1, 2, 3, 4, 2.5)))
for (row in rate_cases) {
  o <- row[[1]]; t <- row[[2]]; m <- sum(o) / sum(t); e <- m * t
  got <- moments(log((o + 0.5) / (e + 0.5)), 1 / e)
  wide <- function(tail) {
    width <- sqrt(1 / e + got$tau)
    m * pmax(exp(qnorm(tail) * width) * (e + 0.5) - 0.5, 0) / e
  }
  emit("funnel_rates", row, 0.95, "quantile and qchisq and qnorm",
    reference = rep(m, length(o)), expected = e, phi = rep(got$phi, length(o)), tau_squared = rep(got$tau, length(o)),
    low_95 = wide(0.025), high_95 = wide(0.975), low_998 = wide(0.001), high_998 = wide(0.999),
    plain_low_95 = m * qchisq(0.025, 2 * e) / (2 * e), plain_high_95 = m * qchisq(0.975, 2 * (e + 1)) / (2 * e),
    plain_low_998 = m * qchisq(0.001, 2 * e) / (2 * e), plain_high_998 = m * qchisq(0.999, 2 * (e + 1)) / (2 * e))
}

# many tests: p.adjust
for (p in list(c(0.01, 0.04, 0.03, 0.2), c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222,
                                          0.251, 0.269, 0.275, 0.34), c(0.5, 0.5, 1, 0))) {
  emit("benjamini_hochberg", list(p), 0.95, "p.adjust", q_value = p.adjust(p, "BH"))
}

# ranks: the chance of the top quarter of four units is the chance of the highest value, by quadrature
highest <- function(density, cumulative, upper, units) {
  vapply(units, function(i) {
    f <- function(x) {
      product <- density(x, i)
      for (j in setdiff(units, i)) product <- product * cumulative(x, j)
      product
    }
    integrate(f, 0, upper, rel.tol = 1e-10, subdivisions = 2000)$value
  }, 0)
}
o <- c(12, 15, 9, 20); t <- c(1, 1.2, 0.9, 1.5)
emit("rank_rates", list(o, t), 0.95, "integrate", p_top_quarter = highest(
  function(x, i) dgamma(x, o[i] + 0.5, t[i]), function(x, j) pgamma(x, o[j] + 0.5, t[j]), 60, 1:4))
x <- c(12, 15, 9, 20); n <- c(20, 28, 16, 30)
emit("rank_proportions", list(x, n), 0.95, "integrate", p_top_quarter = highest(
  function(y, i) dbeta(y, x[i] + 0.5, n[i] - x[i] + 0.5), function(y, j) pbeta(y, x[j] + 0.5, n[j] - x[j] + 0.5),
  1, 1:4))
