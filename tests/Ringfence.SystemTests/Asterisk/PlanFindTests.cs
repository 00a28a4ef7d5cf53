using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Dialplan;
using Ringfence.Sources;
using Ringfence.Tests.Dialplan;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What Ringfence finds in a dialplan is what a real Asterisk runs, on generated dialplans.</summary>
public sealed partial class PlanFindTests : PlanLab
{
    private const int Plans = 1_500;
    private const int NumbersEach = 24;
    private const int QueriesInOneCall = 400;

    private readonly List<Query> _queries = [];

    private protected override Task WriteAsync()
    {
        var random = new Random(20);
        var text = new StringBuilder("[general]\nstatic = yes\n");
        for (var i = 0; i < Plans; i++)
        {
            var plans = new RandomPlans(i);
            var (contexts, names) = plans.Contexts(string.Create(CultureInfo.InvariantCulture, $"p{i}"));
            text.Append(contexts);
            _queries.AddRange(Enumerable.Range(0, NumbersEach).Select(_ => new Query(names[0], plans.Number(), random.Next(4) == 0 ? random.Next(2, 4) : 1, plans.CallerId())));
        }

        Write(Configuration, text.Append(Asking()).ToString());
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Every_number_finds_what_Asterisk_runs()
    {
        var plan = Plan.Read(Configuration, new ConfigDirectory());

        var calls = (_queries.Count + QueriesInOneCall - 1) / QueriesInOneCall;
        for (var call = 0; call < calls; call++)
        {
            await Lab.CliAsync($"channel originate Local/{call}@asking application Wait 1", Stop);
        }

        // The calls run side by side.
        await Eventually.HoldsAsync(async () => await Lab.CountAsync("notice", 0, "=", Stop) >= _queries.Count, TimeSpan.FromMinutes(1), Stop);
        var said = await File.ReadAllTextAsync(Lab.Log("notice"), Encoding.Latin1, Stop);
        var answers = Answer().Matches(said).ToDictionary(match => int.Parse(match.Groups["query"].ValueSpan, CultureInfo.InvariantCulture), match => match.Groups["mark"].Value);
        Assert.Equal(_queries.Count, answers.Count);
        var wrong = _queries.Select((query, i) => (Query: query, Real: answers[i], Own: plan.Find(query.Context, query.Number, query.Priority, query.CallerId)?.Priority.Arguments ?? "none"))
            .Where(answer => answer.Real != answer.Own).Select(answer => $"{answer.Query}: Asterisk {answer.Real}, found {answer.Own}").ToList();
        Assert.Equal([], wrong);
        Assert.True(answers.Values.Count(mark => mark != "none") > _queries.Count / 6, "too few numbers found anything: the test would prove little");
    }

    [Fact]
    public async Task The_extensions_of_a_context_stand_in_Asterisks_order()
    {
        var plan = Plan.Read(Configuration, new ConfigDirectory());

        var shown = (await Lab.CliAsync("dialplan show", Stop)).Split("[ Context '").Where(text => text.StartsWith('p'))
            .ToDictionary(text => text[..text.IndexOf('\'', StringComparison.Ordinal)], text => Shown().Matches(text).Select(match => match.Groups["name"].Value + match.Groups["caller"].Value).ToList());
        Assert.True(shown.Count > Plans);
        foreach (var context in plan.Contexts.Where(context => shown.ContainsKey(context.Name)))
        {
            Assert.Equal(shown[context.Name], context.Extensions.Select(extension => extension.Name + (extension.CallerId is { } caller ? $"' (CID match '{caller}') =>" : "' =>")));
        }
    }

    private StringBuilder Asking()
    {
        var text = new StringBuilder("[asking]\n");
        for (var i = 0; i < _queries.Count; i++)
        {
            var (context, number, priority, callerId) = _queries[i];
            text.AppendLine(i % QueriesInOneCall == 0 ? $"exten => {i / QueriesInOneCall},1,NoOp()" : "");
            text.AppendLine(CultureInfo.InvariantCulture, $" same => n,Set(CALLERID(num)={callerId})");
            text.AppendLine(" same => n,Set(GOSUB_RETVAL=none)");
            text.AppendLine(CultureInfo.InvariantCulture, $" same => n,GosubIf(${{DIALPLAN_EXISTS({context},{number},{priority})}}?{context},{number},{priority})");
            text.AppendLine(CultureInfo.InvariantCulture, $" same => n,Log(NOTICE,Q{i}=${{GOSUB_RETVAL}}.)");
        }

        return text;
    }

    [GeneratedRegex(@"Q(?<query>\d+)=(?<mark>\w+)\.", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Answer();

    [GeneratedRegex(@"^  '(?<name>[^\n]*?)(?<caller>'(?: \(CID match '[^']*'\))? =>)", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Shown();

    private sealed record Query(string Context, string Number, int Priority, string? CallerId);
}
