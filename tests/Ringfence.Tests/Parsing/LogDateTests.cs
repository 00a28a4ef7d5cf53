using System.Globalization;
using System.Text;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>Where the text of a date alone does not tell which moment is meant.</summary>
public sealed class LogDateTests
{
    // In 2026 the summer ends on 25 October: 03:00 becomes 02:00.
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void Day_and_month_are_told_apart_by_a_number_above_twelve_for_all_of_the_log()
    {
        Assert.Equal(["2026-11-21", "2026-12-11", "2026-01-02"], Days(new(TimeZoneInfo.Utc), "21/11/2026", "11/12/2026", "02/01/2026"));
        Assert.Equal(["2026-11-21", "2026-11-12", "2026-02-01"], Days(new(TimeZoneInfo.Utc), "11/21/2026", "11/12/2026", "02/01/2026"));
    }

    [Theory]
    [InlineData("01/02/2026", "2026-02-01", "2026-02-01")]
    [InlineData("01/02/2026", "2026-01-02", "2026-01-02")]
    [InlineData("01/02/2026", "2026-01-20", "2026-01-02")]
    [InlineData("11/07/2026", "2026-11-14", "2026-11-07")]
    [InlineData("07/11/2026", "2026-11-14", "2026-11-07")]
    [InlineData("12/12/2026", "2026-12-12", "2026-12-12")]
    public void The_first_of_february_is_not_the_second_of_january_where_the_log_was_written_last_on_that_day(string text, string last, string day) =>
        Assert.Equal([day], Days(At(TimeZoneInfo.Utc, last), text));

    [Fact]
    public void A_log_that_began_on_an_undecided_day_keeps_its_order_until_a_day_proves_another() => Assert.Equal(
        ["2026-02-03", "2026-02-12", "2026-02-13", "2026-02-11"],
        Days(At(TimeZoneInfo.Utc, "2026-02-13"), "02/03/2026", "02/12/2026", "02/13/2026", "02/11/2026"));

    [Fact]
    public void A_number_that_is_no_day_proves_nothing() =>
        Assert.Equal(["-", "2026-02-01"], Days(new(TimeZoneInfo.Utc), "02/31/2026", "01/02/2026"));

    [Theory]
    [InlineData("2026-10-25 00:30")]
    [InlineData("2026-10-25 01:30")]
    [InlineData("2026-11-30 00:00")]
    [InlineData(null)]
    public void The_hour_that_comes_twice_is_read_in_the_order_of_the_log(string? reference)
    {
        var date = reference is null ? new LogDate(Berlin) : At(Berlin, reference);
        var first = Instant("2026-10-24 23:30");
        for (var minute = 0; minute < 180; minute++)
        {
            var moment = first.AddMinutes(minute);
            if (reference is not null)
            {
                // As it is read while it is written, and later.
                date.Reference = moment > Instant(reference) ? moment : Instant(reference);
            }

            Assert.Equal(moment, Read(date, Local(moment)));
        }
    }

    [Fact]
    public void Live_the_second_hour_is_known_also_where_nothing_was_written_in_between()
    {
        var date = At(Berlin, "2026-10-25 01:40");

        Assert.Equal(Instant("2026-10-25 01:40"), Read(date, "2026-10-25 02:40:00"));
    }

    [Fact]
    public void Live_nothing_of_the_first_hour_lies_in_the_future()
    {
        var date = At(Berlin, "2026-10-25 00:10");

        Assert.Equal(Instant("2026-10-25 00:10"), Read(date, "2026-10-25 02:10:00"));
        Assert.Equal(Instant("2026-10-25 00:09"), Read(date, "2026-10-25 02:09:00"));
    }

    private static LogDate At(TimeZoneInfo zone, string reference) => new(zone) { Reference = Instant(reference) };

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, Berlin).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Read(LogDate date, string text) =>
        date.Read(Encoding.ASCII.GetBytes(text)) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private static IEnumerable<string> Days(LogDate date, params string[] days) => days.Select(day =>
        Read(date, day + " 12:00:00")?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-");
}
