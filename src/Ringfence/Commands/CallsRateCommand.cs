using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls rate</c>: what a dialled number is, and what a call to it costs.</summary>
internal static class CallsRateCommand
{
    private const int ExampleSeconds = 600;

    public static Command Build()
    {
        var numbers = new Argument<string[]>("number") { Description = "Numbers as people dial them at the site, or with + and the country code.", HelpName = "NUMBER", Arity = ArgumentArity.OneOrMore };
        var country = SiteArguments.Country();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("rate", "What a number is (country, kind, whether anybody can have it) and what a call to it costs, by the deck of [calls] or by classes of risk.")
        {
            Examples =
            [
                ("ringfence calls rate 0023276123456 --country DE", "Sierra Leone, in the class of the dearest"),
                ("ringfence calls rate 9005551234 +18765551234 --country US --json", "several, for scripts"),
            ],
        };
        verb.Add(numbers);
        verb.Add(country);
        verb.Add(json);
        verb.Add(config);
        return verb.Does((parsed, surroundings, _) =>
        {
            var calls = SiteArguments.In(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Calls, parsed.GetValue(country));
            var rules = calls.Rules;
            if (rules is null && parsed.GetValue(numbers)!.Any(static number => !number.TrimStart().StartsWith('+')))
            {
                throw new MistakeException("the site's country is not known: set country = CODE in [calls] of ringfence.conf, give --country CODE, or give numbers with + and their country code");
            }

            var (deck, badRows) = DeckFile.ReadAll(calls.Deck);
            if (badRows is not null)
            {
                new Screen(surroundings).Note($"ringfence: {badRows}");
            }

            var tariff = calls.Tariff(deck, rules?.Home.Region ?? "");
            var report = new CallRateReport([.. parsed.GetValue(numbers)!.Select(text => Rated(text, rules, tariff))], calls.Currency.Length == 0 ? null : calls.Currency);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, CallRateJson.Default.CallRateReport);
            }
            else
            {
                Print(report, screen);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    private static NumberRate Rated(string text, DiallingRules? rules, Tariff tariff)
    {
        var read = rules?.Read(text, NumberPlans.BuiltIn) ?? new DialledNumber(DialledKind.Outside, NumberPlans.BuiltIn.Classify(new string([.. text.Where(char.IsAsciiDigit)])), text);
        var (number, price) = (read.Number, tariff.For(read));
        if (read.Kind != DialledKind.Outside)
        {
            return new NumberRate(text, Word(read.Kind.ToString()), null, null, null, null, null, null, null, null, null, null, null) is var other && read.Kind != DialledKind.Short ? other
                : other with { Risk = price.Risk.Name, PerMinute = Rate.Amount(price.Rate.PerMinute), Connect = Rate.Amount(price.Rate.Connect), TenMinutes = Rate.Amount(price.Rate.Cost(ExampleSeconds)), IsOfDeck = false };
        }

        return new NumberRate(
            text, "outside", number.ToString(), number.Region.Length == 0 ? null : number.Region, Word(number.Kind.ToString()), Word(number.Validity.ToString()), price.Risk.Name,
            price.IsOfDeck ? price.Rate.Prefix : null, price.IsOfDeck ? price.Rate.Name : null,
            Rate.Amount(price.Rate.PerMinute), Rate.Amount(price.Rate.Connect), Rate.Amount(price.Rate.Cost(ExampleSeconds)), price.IsOfDeck);
    }

    // "NoCountry" becomes "no-country".
    private static string Word(string name) => string.Concat(name.Select(static (c, at) => char.IsUpper(c) ? (at > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static void Print(CallRateReport report, Screen screen)
    {
        var currency = report.Currency is { } unit ? $" {Shown.Text(unit)}" : "";
        foreach (var one in report.Numbers)
        {
            if (one.Number is null)
            {
                screen.Line($"{Shown.Text(one.Dialled)}: ", new Span(one.What switch
                {
                    "internal" => $"stays inside: an extension or a feature code{(one.Dialled.All(char.IsAsciiDigit) ? ", as short as yours are (extension_digits of [calls])" : "")}",
                    "emergency" => "an emergency number: always passes",
                    "short" when one.Risk == RiskDeck.TollFree => $"a short number that is free to the caller; class {one.Risk}",
                    "short" => $"a short number of the carrier's network: its price is in no plan, and the brake counts {Text(one.PerMinute!.Value)}{currency} a minute; class {one.Risk}",
                    _ => "not a number",
                }, one.What == "unreadable" ? Tone.Warning : Tone.Plain));
                continue;
            }

            screen.Line(
                $"{Shown.Text(one.Dialled)}: {one.Number}, {one.Region switch { null => "country unknown", NumberPlans.World => "of no country", var region => region }}, ",
                one.Validity == "valid" ? new Span(one.Kind!) : new Span(one.Validity switch
                {
                    "unallocated" => "in a range that nobody was given",
                    "no-country" => "no country has this code",
                    "too-short" => "too short for its country",
                    "too-long" => "too long for its country",
                    _ => "of a length that its country does not have",
                }, Tone.Warning));
            screen.Line(
                $"  {Text(one.PerMinute!.Value)}{currency} a minute{(one.Connect > 0 ? $" and {Text(one.Connect.Value)}{currency} for the connection" : "")}, ten minutes {Text(one.TenMinutes!.Value)}{currency}; ",
                new Span(one.IsOfDeck == true ? $"by the deck's {one.Prefix}{(one.Destination!.Length > 0 ? $" {Shown.Text(one.Destination)}" : "")}" : "by its class of risk, not by a deck", Tone.Faint),
                new Span($"; class {one.Risk}", RiskClass.IsRiskyName(one.Risk ?? "") ? Tone.Warning : Tone.Faint));
        }
    }

    private static string Text(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);
}

/// <summary>What numbers are and cost; docs/json.md.</summary>
internal sealed record CallRateReport(IReadOnlyList<NumberRate> Numbers, string? Currency);

internal sealed record NumberRate(
    string Dialled, string What, string? Number, string? Region, string? Kind, string? Validity, string? Risk, string? Prefix, string? Destination, decimal? PerMinute, decimal? Connect, decimal? TenMinutes, bool? IsOfDeck);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CallRateReport))]
internal sealed partial class CallRateJson : JsonSerializerContext;
