using System.Text;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>What is written of calls: whatever a caller put into his names, nobody who opens it runs it.</summary>
public sealed class CallPageTests
{
    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, ["0"]);

    [Fact]
    public void A_page_is_whole_and_holds_no_script_whatever_the_names_are() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static name =>
        {
            var summary = Summary(name.Get, "</td><script>alert(1)</script>", "x\" onload=\"alert(1)");
            var page = CallPage.Write(summary, $"Calls of {name.Get}", name.Get, TimeZoneInfo.Utc);
            return !page.Contains("<script", StringComparison.OrdinalIgnoreCase) && !page.Contains("\" onload=\"", StringComparison.Ordinal) && Plots(page) == 3;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_list_has_one_line_for_each_call_with_the_same_columns_and_no_formula() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static name =>
        {
            var lines = new List<string>();
            var summary = new CallSummary(Rules, new Tariff(null, "DE"), 5) { Rated = one => lines.Add(RatedCsv.Line(one, TimeZoneInfo.Utc)) };
            string[] names = [name.Get, $"={name.Get}", $"@\"{name.Get}\n"];
            Array.ForEach(names, one => summary.Add(Call(one)));
            var record = new CsvRecord();
            return lines.Count == 3 && lines.TrueForAll(line =>
            {
                var bytes = Encoding.UTF8.GetBytes(line);
                return record.Read(bytes, isEnd: true) == bytes.Length && record is { IsWhole: true, Count: 10 } && record.Text(bytes, 1) is var cell && (cell.Length == 0 || cell[0] is not ('=' or '+' or '-' or '@'));
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_page_of_no_call_is_a_page() => Assert.Contains("<h1>Calls</h1>", CallPage.Write(Summary(), "Calls", "", TimeZoneInfo.Utc), StringComparison.Ordinal);

    private static CallSummary Summary(params string[] names)
    {
        var summary = new CallSummary(Rules, new Tariff(null, "DE"), 5, new CallTimes(TimeZoneInfo.Utc, WorkHours.Usual(TimeZoneInfo.Utc)));
        Array.ForEach(names, name => summary.Add(Call(name)));
        summary.Add(Call("201") with { Start = 1_795_219_652 + 200_000 });
        return names.Length == 0 ? new CallSummary(Rules, new Tariff(null, "DE"), 5, new CallTimes(TimeZoneInfo.Utc, WorkHours.Usual(TimeZoneInfo.Utc))) : summary;
    }

    // Each plot is XML: a name that ended an attribute or an element would break it.
    private static int Plots(string page)
    {
        var count = 0;
        for (var at = page.IndexOf("<svg", StringComparison.Ordinal); at >= 0; at = page.IndexOf("<svg", at + 1, StringComparison.Ordinal))
        {
            _ = XDocument.Parse(page[at..(page.IndexOf("</svg>", at, StringComparison.Ordinal) + 6)]);
            count++;
        }

        return count;
    }

    private static CallRecord Call(string name) => new(1_795_219_652, 60, 60, true, name, name, "00023276123456", "0023276123456", "outbound", name, name, "1");
}
