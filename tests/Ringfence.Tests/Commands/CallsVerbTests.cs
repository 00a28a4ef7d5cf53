using System.IO.Pipes;
using System.Text.Json;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class CallsVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-calls-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_number_is_explained_in_money_where_nobody_gave_a_deck()
    {
        var (code, output, _) = await new Console().RunAsync("calls", "rate", "0023276123456", "--country", "DE", "--config", Config(""));
        Assert.Equal((ExitCode.Fine, "0023276123456: +23276123456, SL, mobile\n  1.20 a minute, ten minutes 12.00; by its class of risk, not by a deck; class high\n"), (code, output));
    }

    [Fact]
    public async Task The_operators_deck_says_what_it_costs_by_the_longest_prefix()
    {
        var deck = Path.Combine(_directory, "rates.csv");
        await File.WriteAllTextAsync(deck, "prefix,destination,rate\n232,Sierra Leone,0.30\n23276,Sierra Leone mobile,0.41\n", TestContext.Current.CancellationToken);
        var (code, output, _) = await new Console().RunAsync("calls", "rate", "+23276123456", "--json", "--config", Config($"[calls]\ncountry = DE\noutside = 0\ncurrency = EUR\ndeck = {deck}\n"));
        var report = JsonDocument.Parse(output).RootElement;
        var number = report.GetProperty("numbers")[0];
        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(("EUR", "23276", 0.41m, 4.1m, "high", true), (report.GetProperty("currency").GetString(), number.GetProperty("prefix").GetString(), number.GetProperty("per_minute").GetDecimal(), number.GetProperty("ten_minutes").GetDecimal(), number.GetProperty("risk").GetString(), number.GetProperty("is_of_deck").GetBoolean()));
    }

    [Theory]
    [InlineData("112", "112: an emergency number: always passes\n")]
    [InlineData("1001", "1001: stays inside: an extension or a feature code, as short as yours are (extension_digits of [calls])\n")]
    [InlineData("*72", "*72: stays inside: an extension or a feature code\n")]
    [InlineData("116117", "116117: a short number that is free to the caller; class toll-free\n")]
    [InlineData("118333", "118333: a short number of the carrier's network: its price is in no plan, and the brake counts 2.00 a minute; class short\n")]
    [InlineData("s;ell\u001b[31m", "s;ell\\u001b[31m: not a number\n")]
    public async Task What_is_no_number_of_the_world_is_said_to_be_none(string dialled, string said) =>
        Assert.Equal(said, (await new Console().RunAsync("calls", "rate", dialled, "--country", "DE", "--config", Config(""))).Output.Replace("\\x1b", "\\u001b", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task Without_a_country_a_national_number_is_nobodys_and_what_to_do_is_said()
    {
        var (code, _, errors) = await new Console().RunAsync("calls", "rate", "0301234567", "--config", Config(""));
        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("--country CODE", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_United_Kingdom_is_GB_and_whoever_writes_UK_is_told()
    {
        var (code, _, errors) = await new Console().RunAsync("calls", "rate", "02079460000", "--country", "uk", "--config", Config(""));
        Assert.Equal((ExitCode.Mistake, "ringfence: --country uk: expected two letters such as DE, GB or US; the United Kingdom is GB"), (code, errors.Split('\n')[0]));
        var (_, _, said) = await new Console().RunAsync("calls", "limits", "--config", Config("[calls]\ncountry = UK\n"));
        Assert.Contains("country is \"UK\": expected two letters such as DE, GB or US; the United Kingdom is GB", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_pin_at_all_is_said_and_how_to_set_one()
    {
        var (code, output, errors) = await new Console().RunAsync("calls", "pin", "list", "--config", Config($"[gate]\npin_file = {_directory}/pins\n"));
        Assert.Equal((ExitCode.Fine, ""), (code, output));
        Assert.Contains("ringfence calls pin set EXTENSION", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_says_what_calls_to_outside_cost_and_what_could_not_be_read()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        const string Call = "\"\",\"1009\",\"9{0}\",\"outbound\",\"\"\"1009\"\" <1009>\",\"PJSIP/1009-00000010\",\"PJSIP/trunk-00000011\",\"Dial\",\"PJSIP/{0}@trunk,20\",\"2026-11-21 00:07:32\",\"2026-11-21 00:07:32\",\"2026-11-21 00:17:32\",600,600,\"ANSWERED\",\"DOCUMENTATION\",\"1795219652.16\",\"\"\n";
        await File.WriteAllTextAsync(cdr, Call.Replace("{0}", "01123276123456", StringComparison.Ordinal) + "\"broken\n" + Call.Replace("{0}", "14155550123", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var (code, output, _) = await new Console().RunAsync("calls", "report", cdr, "--country", "us", "--timezone", "UTC", "--json", "--config", Config(""));

        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal((2, 1, 2, 12.3m), (report.GetProperty("records").GetInt32(), report.GetProperty("unread").GetInt32(), report.GetProperty("outside").GetProperty("calls").GetInt32(), report.GetProperty("outside").GetProperty("cost").GetDecimal()));
        Assert.Equal(["+23276123456", "+14155550123"], report.GetProperty("dearest").EnumerateArray().Select(static call => call.GetProperty("number").GetString()));
        Assert.Equal($"{cdr}: 1 of 3 records could not be read, the first at line 2: a quote that nobody closes, or text behind one", report.GetProperty("problems")[0].GetString());
    }

    [Fact]
    public async Task A_backtest_says_what_would_have_been_stopped_when_by_which_limit_and_what_it_would_have_saved()
    {
        // At work; and at night a stolen password calls Sierra Leone, ten calls at once.
        List<(DateTime End, string Line)> records = [];
        for (var at = 0; at < 200; at++)
        {
            records.Add(Cdr(new DateTime(2026, 3, 2, 8, 0, 0).AddMinutes(at * 2), 90, $"{201 + (at % 5)}", $"030{1234000 + at}", $"good.{at}"));
        }

        for (var at = 0; at < 10; at++)
        {
            records.Add(Cdr(new DateTime(2026, 3, 3, 2, 0, 0).AddSeconds(at * 3), 3600, "207", $"0023276{100000 + at}", $"fraud.{at}"));
        }

        List<string> lines = [.. records.OrderBy(static one => one.End).Select(static one => one.Line)];
        var newer = Path.Combine(_directory, "Master.csv");
        var older = Path.Combine(_directory, "Master.csv.1");
        var fraud = Path.Combine(_directory, "fraud.txt");
        await File.WriteAllLinesAsync(older, lines.Take(120), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(newer, [.. lines.Skip(100), "\"broken"], TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(fraud, Enumerable.Range(0, 10).Select(static at => $"fraud.{at}"), TestContext.Current.CancellationToken);

        var (code, output, _) = await new Console().RunAsync("calls", "backtest", newer, older, "--fraud", fraud, "--no-gate", "--fail-on", "stop", "--timezone", "UTC", "--json", "--config", Config("[calls]\ncountry = DE\noutside = 0\n"));

        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(ExitCode.Found, code);
        Assert.Equal((230, 210, 0, 10), (report.GetProperty("records").GetInt32(), report.GetProperty("calls").GetInt32(), report.GetProperty("good_stopped").GetInt32(), report.GetProperty("fraud").GetProperty("calls").GetInt32()));
        Assert.True(report.GetProperty("fraud").GetProperty("saved_percent").GetDecimal() > 90, output);
        var stop = report.GetProperty("stops")[0];
        Assert.Equal(("207", "SL", true), (stop.GetProperty("extension").GetString(), stop.GetProperty("region").GetString(), stop.GetProperty("is_fraud").GetBoolean()));
        Assert.Equal([$"{newer}: 1 of 111 records could not be read, the first at line 111: a quote that nobody closes, or text behind one", "20 records stand there twice, and count once"],
            report.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()));

        static (DateTime End, string Line) Cdr(DateTime start, int talk, string extension, string number, string id) => (start.AddSeconds(talk + 5),
            $"\"\",\"{extension}\",\"0{number}\",\"from-internal\",\"\"\"{extension}\"\" <{extension}>\",\"PJSIP/{extension}-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/{number}@trunk,300\",\"{start:yyyy-MM-dd HH:mm:ss}\",\"{start.AddSeconds(5):yyyy-MM-dd HH:mm:ss}\",\"{start.AddSeconds(talk + 5):yyyy-MM-dd HH:mm:ss}\",{talk + 5},{talk},\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("hours = Mon-Sun 00:00-24:00\n", false)]
    public async Task A_backtest_of_a_site_that_works_at_night_says_which_hours_it_held_it_to(string hours, bool isSaid)
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        var lines = Enumerable.Range(0, 120).Select(static at => new DateTime(2026, 3, 2, 22, 0, 0).AddDays(at / 3).AddMinutes(at % 3 * 20).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) is var time
            ? $"\"\",\"201\",\"0033123456789\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/0033123456789@trunk,300\",\"{time}\",\"{time}\",\"{time}\",60,60,\"ANSWERED\",\"DOCUMENTATION\",\"1.{at}\",\"\"" : "");
        await File.WriteAllLinesAsync(cdr, lines, TestContext.Current.CancellationToken);

        var (_, output, _) = await new Console().RunAsync("calls", "backtest", cdr, "--timezone", "UTC", "--config", Config($"[calls]\ncountry = DE\n{hours}"));

        Assert.Equal(isSaid, output.Contains("120 of 120 calls abroad were outside of Mon-Fri 07:00-19:00, where limits are strict: if people work then, tell `hours` of [calls]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("euro = 90\n", false, false)]
    public async Task A_backtest_by_a_deck_in_rupees_says_that_limits_are_in_euros(string euro, bool isSaid, bool isStopped)
    {
        var (cdr, deck) = (Path.Combine(_directory, "Master.csv"), Path.Combine(_directory, "rates.csv"));
        await File.WriteAllLinesAsync(deck, NumberPlans.BuiltIn.All.Select(static plan => plan.CallingCode).Distinct().Select(static code => $"{code},{(code == 232 ? 80 : 18)}").Prepend("prefix,rate"), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(cdr, Enumerable.Range(10, 20).Select(static day => $"\"\",\"201\",\"0023276123456\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/0023276123456@trunk,300\",\"2026-03-{day} 10:00:00\",\"2026-03-{day} 10:00:00\",\"2026-03-{day} 10:05:00\",300,300,\"ANSWERED\",\"DOCUMENTATION\",\"1.{day}\",\"\""), TestContext.Current.CancellationToken);

        var (_, output, _) = await new Console().RunAsync("calls", "backtest", cdr, "--timezone", "UTC", "--config", Config($"[calls]\ncountry = DE\ndeck = {deck}\n{euro}"));

        Assert.Equal((isSaid, isStopped), (output.Contains("times those that the default limits are made for, which are in euros", StringComparison.Ordinal), !output.Contains("Nothing would have been stopped", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_days_report_is_of_that_day_by_the_sites_clock_and_also_a_page_and_a_list_that_run_nothing()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        var html = Path.Combine(_directory, "day.html");
        var csv = Path.Combine(_directory, "day.csv");
        const string Call = "\"=HYPERLINK(0)\",\"1009\",\"{0}\",\"outbound\",\"x\",\"PJSIP/<script>-00000010\",\"PJSIP/trunk-00000011\",\"Dial\",\"PJSIP/{0}@trunk,20\",\"{1}\",\"{1}\",\"{1}\",600,600,\"ANSWERED\",\"DOCUMENTATION\",\"{0}\",\"\"\n";
        await File.WriteAllTextAsync(
            cdr,
            string.Concat(new (string, string)[] { ("0023276123456", "2026-11-20 22:59:59"), ("0023276123457", "2026-11-20 23:00:00"), ("09001234567", "2026-11-21 10:00:00"), ("030123456", "2026-11-21 22:59:59"), ("030123457", "2026-11-21 23:00:00") }
                .Select(static call => string.Format(System.Globalization.CultureInfo.InvariantCulture, Call, call.Item1, call.Item2))),
            TestContext.Current.CancellationToken);

        var config = Config($"[general]\ntimezone = UTC\n[calls]\ncountry = DE\ncdr = {cdr}\n");
        var (code, output, _) = await new Console().RunAsync("calls", "report", "--day", "2026-11-21", "--timezone", "UTC", "--html", html, "--csv", csv, "--json", "--config", config);

        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal((3, 3, 0, 1, 3), (Calls("outside"), report.GetProperty("records").GetInt32(), Calls("abroad"), Calls("premium"), Calls("off_hours")));
        Assert.Equal(["2026-11-21"], report.GetProperty("by_day").EnumerateArray().Select(static day => day.GetProperty("name").GetString()));
        Assert.Equal(24, report.GetProperty("by_hour").GetArrayLength());
        var page = await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken);
        Assert.Contains("<h1>Calls of 2026-11-21</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken);
        Assert.Equal(4, lines.Length);
        Assert.DoesNotContain(Directory.GetFiles(_directory), static file => Path.GetFileName(file)[0] == '.');
        Assert.StartsWith("2026-11-21 10:00:00 +00:00,<script>,'=HYPERLINK(0),499001234567,DE,premium,trunk,600,", lines[1], StringComparison.Ordinal);

        int Calls(string name) => report.GetProperty(name).GetProperty("calls").GetInt32();
    }

    [Fact]
    public async Task A_list_of_calls_that_could_not_be_read_to_the_end_replaces_none()
    {
        var csv = Path.Combine(_directory, "calls.csv");
        await File.WriteAllTextAsync(csv, "of last month", TestContext.Current.CancellationToken);

        var (code, _, _) = await new Console().RunAsync("calls", "report", Path.Combine(_directory, "missing.csv"), "--csv", csv, "--config", Config("[calls]\ncountry = DE\n"));

        Assert.Equal((ExitCode.Mistake, "of last month"), (code, await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken)));
        Assert.DoesNotContain(Directory.GetFiles(_directory), static file => Path.GetFileName(file)[0] == '.');
    }

    [Fact]
    public async Task A_gate_on_all_addresses_is_asked_at_the_one_that_is_given()
    {
        var config = Config("[calls]\ncountry = DE\n[gate]\nlisten = 0.0.0.0:4573\nallow = 192.0.2.9\n");

        var (code, _, errors) = await new Console().RunAsync("calls", "gate", "--print", "--config", config);
        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("listen = 0.0.0.0:4573 of [gate] is no address that Asterisk can ask: expected --address ADDRESS:4573", errors, StringComparison.Ordinal);

        var (given, output, _) = await new Console().RunAsync("calls", "gate", "--print", "--address", "192.0.2.7:4573", "--config", config);
        Assert.Equal(ExitCode.Fine, given);
        Assert.Contains("AGI(agi://192.0.2.7:4573/gate/", output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Mistake, (await new Console().RunAsync("calls", "gate", "--print", "--address", "0.0.0.0:4573", "--config", config)).ExitCode);
    }

    [Theory]
    [InlineData("--day", "yesterday", "expected a day such as 2026-11-22")]
    [InlineData("--month", "2026-13", "expected a month such as 2026-11")]
    [InlineData("--day", "9999-12-31", "expected a day such as 2026-11-22")]
    [InlineData("--month", "9999-12", "expected a month such as 2026-11")]
    [InlineData("--from", "0001-01-01", "expected a day such as 2026-11-22")]
    public async Task What_is_no_date_is_said_to_be_none(string option, string value, string said)
    {
        var (code, _, errors) = await new Console().RunAsync("calls", "report", option, value, "--config", Config(""));
        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains(said, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_limits_than_there_is_room_for_are_a_mistake_with_its_place_and_no_verb_breaks_of_it()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        await File.WriteAllTextAsync(cdr, "", TestContext.Current.CancellationToken);
        var config = Config("[calls]\ncountry = DE\n" + string.Concat(Enumerable.Range(0, Core.Fraud.CallPolicy.MaxLimits).Select(static at => $"[limit own{at}]\nrule = spend\ncritical = 100\n")));
        foreach (var (arguments, expected) in ((string[], int)[])[
            (["calls", "backtest", cdr], ExitCode.Mistake), (["calls", "backtest", "--policy", config, cdr], ExitCode.Mistake), (["guard", "--check"], ExitCode.Mistake),
            (["calls", "report", cdr], ExitCode.Fine), (["calls", "rate", "112"], ExitCode.Fine)])
        {
            var (code, _, errors) = await new Console().RunAsync([.. arguments, "--config", config]);
            Assert.Equal((string.Join(' ', arguments), expected), (string.Join(' ', arguments), code));
            Assert.Contains("expected 64 limits at most", errors, StringComparison.Ordinal);
            Assert.Contains($"{config}:", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_configuration_that_is_a_pipe_is_a_mistake()
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var (code, _, errors) = await new Console().RunAsync("calls", "backtest", "--config", $"/proc/self/fd/{pipe.GetClientHandleAsString()}");
        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("expected a file", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_stand_there_twice_count_once_in_the_report_and_in_the_backtest_alike()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        const string Call = "\"\",\"1009\",\"{0}\",\"outbound\",\"x\",\"PJSIP/1009-00000010\",\"PJSIP/trunk-00000011\",\"Dial\",\"PJSIP/{0}@trunk,20\",\"2026-11-21 00:07:32\",\"2026-11-21 00:07:32\",\"2026-11-21 00:17:32\",600,600,\"ANSWERED\",\"DOCUMENTATION\",\"{1}\",\"\"\n";
        await File.WriteAllTextAsync(
            cdr,
            string.Concat(new (string, string)[] { ("0023276123456", "1.1"), ("0023276123456", "1.2"), ("0023276123457", "1.2"), ("0023276123456", "1.1") }.Select(static one => string.Format(System.Globalization.CultureInfo.InvariantCulture, Call, one.Item1, one.Item2))),
            TestContext.Current.CancellationToken);
        foreach (var (verb, calls) in ((string, Func<JsonElement, JsonElement>)[])[("report", static report => report.GetProperty("outside")), ("backtest", static report => report)])
        {
            var (_, output, _) = await new Console().RunAsync("calls", verb, cdr, cdr, "--country", "DE", "--timezone", "UTC", "--json", "--config", Config(""));
            var report = JsonDocument.Parse(output).RootElement;
            Assert.Equal((verb, 3, 36m), (verb, calls(report).GetProperty("calls").GetInt32(), calls(report).GetProperty("cost").GetDecimal()));
            Assert.Equal(["5 records stand there twice, and count once"], report.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()));
        }
    }

    [Fact]
    public async Task A_time_is_of_the_asked_zone_in_the_report_and_in_its_list()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        var csv = Path.Combine(_directory, "calls.csv");
        await File.WriteAllTextAsync(cdr, "\"\",\"1009\",\"0023276123456\",\"outbound\",\"x\",\"PJSIP/1009-00000010\",\"PJSIP/trunk-00000011\",\"Dial\",\"PJSIP/0023276123456@trunk,20\",\"2026-11-14 02:10:00\",\"2026-11-14 02:10:00\",\"2026-11-14 02:20:00\",600,600,\"ANSWERED\",\"DOCUMENTATION\",\"1.1\",\"\"\n", TestContext.Current.CancellationToken);

        var (_, output, _) = await new Console().RunAsync("calls", "report", cdr, "--csv", csv, "--country", "DE", "--timezone", "Europe/Berlin", "--config", Config(""));

        Assert.Contains("from 2026-11-14 02:10:00 +01:00 to 2026-11-14 02:10:00 +01:00", output, StringComparison.Ordinal);
        Assert.Equal(3, output.Split("2026-11-14 02:10:00 +01:00").Length - 2);
        Assert.StartsWith("2026-11-14 02:10:00 +01:00,", (await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken))[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--month 2026-10 --day 2026-11-14")]
    [InlineData("--month 2026-10 --from 2026-11-14")]
    [InlineData("--day 2026-11-14 --to 2026-11-14")]
    public async Task Two_periods_at_once_are_a_mistake(string options)
    {
        var (code, _, errors) = await new Console().RunAsync(["calls", "report", .. options.Split(' '), "--country", "DE", "--config", Config("")]);
        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("expected one of --day, --month", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_period_that_ends_before_it_begins_is_a_mistake_and_no_empty_report()
    {
        var (code, output, errors) = await new Console().RunAsync("calls", "report", "--from", "2026-11-14", "--to", "2026-11-01", "--country", "DE", "--config", Config(""));
        Assert.Equal((ExitCode.Mistake, ""), (code, output));
        Assert.Contains("--to is a day before --from", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deck", null, "rates.csv: ")]
    [InlineData("deck", "prefix,price\n49,x\n", "no line has a prefix and a price")]
    [InlineData("listed", null, "rates.csv: ")]
    [InlineData("listed", "+23279000001\nnobody\n", "rates.csv:2: expected a number")]
    public async Task A_rate_deck_or_list_that_can_not_be_read_is_told_by_the_check_before_a_start(string key, string? text, string told)
    {
        var file = Path.Combine(_directory, "rates.csv");
        if (text is not null)
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        var (code, _, errors) = await new Console().RunAsync("guard", "--check", "--config", Config($"[calls]\ncountry = DE\n{key} = {file}\n"));

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_of_calls_that_is_not_there_is_told_with_the_line_that_names_it()
    {
        var config = Config("[calls]\ncountry = DE\ndeck = /nope.csv\nlisted = /nope.txt, /none.txt\n");

        var (code, _, errors) = await new Console().RunAsync("guard", "--check", "--config", config);

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains($"{config}:3: deck: /nope.csv: there is no such file", errors, StringComparison.Ordinal);
        Assert.Contains($"{config}:4: listed: /nope.txt: there is no such file", errors, StringComparison.Ordinal);
        Assert.Contains($"{config}:4: listed: /none.txt: there is no such file", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DE", "030", "area is \"030\": expected the area code without the prefix before it, 30")]
    [InlineData("DE", "30", null)]
    [InlineData("IT", "06", null)]
    [InlineData("RU", "812", null)]
    public async Task An_area_code_with_the_prefix_before_it_is_a_mistake_where_there_is_one(string country, string area, string? told)
    {
        var (code, _, errors) = await new Console().RunAsync("guard", "--check", "--config", Config($"[calls]\narea = {area}\ncountry = {country}\n"));

        Assert.Equal(told is null ? ExitCode.Fine : ExitCode.Mistake, code);
        Assert.Contains(told is null ? "" : $"ringfence.conf:2: {told}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("backtest")]
    [InlineData("backtest", "-", "--fraud")]
    public async Task A_file_that_is_named_and_is_not_there_is_a_mistake(string verb, params string[] before)
    {
        var missing = Path.Combine(_directory, "missing.csv");

        var (code, output, errors) = await new Console().RunAsync(["calls", verb, .. before, missing, "--config", Config("[calls]\ncountry = DE\n")]);

        Assert.Equal((ExitCode.Mistake, "", $"ringfence: {missing}: there is no such file\n"), (code, output, errors));
    }

    [Theory]
    [InlineData("calls", "report")]
    [InlineData("calls", "backtest")]
    [InlineData("parse")]
    [InlineData("replay")]
    public async Task A_file_that_is_there_and_breaks_off_is_a_failure(params string[] verb)
    {
        var broken = Path.Combine(_directory, "Master.csv.gz");
        await File.WriteAllBytesAsync(broken, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1], TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.WorldFailed, (await new Console().RunAsync([.. verb, broken, "--config", Config("[calls]\ncountry = DE\n")])).ExitCode);
    }

    [Fact]
    public async Task A_stop_of_the_past_says_for_whom_its_limit_counts_as_the_configuration_does_and_its_figure_with_what_it_counts()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        await File.WriteAllLinesAsync(cdr, Days(9), TestContext.Current.CancellationToken);
        var config = Config("[calls]\ncountry = DE\n[limit mine]\nrule = calls-per-day\nfor = country\nwarning = none\ncritical = 3\naction = country\n");

        var (_, output, _) = await new Console().RunAsync("calls", "backtest", cdr, "--timezone", "UTC", "--config", config);
        var (_, json, _) = await new Console().RunAsync("calls", "backtest", cdr, "--timezone", "UTC", "--json", "--config", config);

        Assert.Matches("mine +201 DE +3 calls ", output);
        Assert.Equal("country", JsonDocument.Parse(json).RootElement.GetProperty("stops")[0].GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData("report")]
    [InlineData("backtest")]
    public async Task Where_no_record_could_be_read_the_verb_fails_and_names_the_cure(string verb)
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        await File.WriteAllTextAsync(cdr, "201,0023276123456,2026-11-14 02:10:00,600,600,ANSWERED\n", TestContext.Current.CancellationToken);

        var (code, _, errors) = await new Console().RunAsync("calls", verb, cdr, "--config", Config("[calls]\ncountry = DE\n"));

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Contains($"{cdr}: 1 of 1 records could not be read, the first at line 1: 6 columns", errors, StringComparison.Ordinal);
        Assert.Contains("cdr_columns of [calls]", errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(cdr, "", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Fine, (await new Console().RunAsync("calls", verb, cdr, "--config", Config("[calls]\ncountry = DE\n"))).ExitCode);
    }

    [Fact]
    public async Task Records_with_the_newest_first_are_told_to_be_so_with_the_cure()
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        List<string> lines = [.. Days(240)];
        await File.WriteAllLinesAsync(cdr, lines, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("oldest first", (await BacktestAsync()).Output, StringComparison.Ordinal);

        lines.Reverse();
        await File.WriteAllLinesAsync(cdr, lines, TestContext.Current.CancellationToken);
        var (_, output, _) = await BacktestAsync();

        Assert.Contains("nothing was made of them", output, StringComparison.Ordinal);
        Assert.Contains("records have to stand as they were written, the oldest first: ORDER BY end", output, StringComparison.Ordinal);
        Assert.DoesNotContain("clock went back", output, StringComparison.Ordinal);

        Task<(int ExitCode, string Output, string Error)> BacktestAsync() => new Console().RunAsync("calls", "backtest", cdr, "--timezone", "UTC", "--config", Config("[calls]\ncountry = DE\n"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_table_that_fits_has_headings_and_whole_rows_on_eighty_columns_and_piped(bool isTerminal)
    {
        var cdr = Path.Combine(_directory, "Master.csv");
        await File.WriteAllLinesAsync(cdr, Days(3), TestContext.Current.CancellationToken);

        var (_, output, _) = await new Console { IsTerminal = isTerminal, Width = 80 }.RunAsync("calls", "report", cdr, "--timezone", "UTC", "--config", Config("[calls]\ncountry = DE\n"));

        Assert.Matches("(?m)^ *Class +calls +minutes +cost *$", output);
        Assert.Matches("(?m)^ *home +3 +3.0 +0.09 *$", output);
        Assert.Matches("(?m)^ *The dearest +extension +number +country +minutes +cost *$", output);
    }

    // A call of a minute, every third hour.
    private static IEnumerable<string> Days(int calls) => Enumerable.Range(0, calls).Select(static at => new DateTime(2026, 3, 2, 8, 0, 0).AddHours(at * 3)).Select(static (start, at) =>
        $"\"\",\"201\",\"030{1234000 + at}\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/030{1234000 + at}@trunk,300\",\"{start:yyyy-MM-dd HH:mm:ss}\",\"{start:yyyy-MM-dd HH:mm:ss}\",\"{start.AddSeconds(60):yyyy-MM-dd HH:mm:ss}\",60,60,\"ANSWERED\",\"DOCUMENTATION\",\"{at}.1\",\"\"");

    [Fact]
    public async Task Lines_of_a_rate_deck_that_could_not_be_read_are_told_wherever_it_is_used()
    {
        var (deck, cdr) = (Path.Combine(_directory, "rates.csv"), Path.Combine(_directory, "Master.csv"));
        await File.WriteAllTextAsync(deck, "prefix,rate\n49,x\n232,60\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(cdr, "", TestContext.Current.CancellationToken);
        var config = Config($"[calls]\ncountry = DE\ndeck = {deck}\n");
        foreach (var arguments in (string[][])[["guard", "--check"], ["calls", "rate", "112"], ["calls", "report", cdr], ["calls", "backtest", cdr]])
        {
            var (code, output, errors) = await new Console().RunAsync([.. arguments, "--config", config]);
            Assert.Equal(ExitCode.Fine, code);
            Assert.Contains("1 of 2 lines could not be read, the first at line 2", (output + errors).ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_guard_starts_without_a_deck_or_list_that_can_not_be_read_and_says_so()
    {
        var missing = Path.Combine(_directory, "missing.csv");
        Assert.Null(Ringfence.Sources.DeckFile.Try(missing).Deck);
        Assert.Contains(missing, Ringfence.Sources.DeckFile.Try(missing).Problem, StringComparison.Ordinal);
        var good = Path.Combine(_directory, "good.txt");
        File.WriteAllText(good, "+23279000001\n");
        var (list, problem) = Ringfence.Sources.NumberFiles.Try([missing, good]);
        Assert.True(list.Contains("23279000001"));
        Assert.Contains(missing, problem, StringComparison.Ordinal);
    }

    private string Config(string text)
    {
        var path = Path.Combine(_directory, "ringfence.conf");
        File.WriteAllText(path, text);
        return path;
    }
}
