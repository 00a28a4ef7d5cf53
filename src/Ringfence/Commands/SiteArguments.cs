using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>Where calls are read: the country that they are dialled in, and the places where their records are.</summary>
internal static class SiteArguments
{
    /// <summary>--country, in place of country of [calls].</summary>
    public static Option<string?> Country()
    {
        var country = new Option<string?>("--country") { Description = "The country that numbers are dialled in, in place of country of [calls].", HelpName = "CODE" };
        country.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } code && NumberPlans.BuiltIn.Of(code.ToUpperInvariant()) is null)
            {
                result.AddError($"--country {Shown.Text(code)}: expected {NumberPlans.Expected(code)}");
            }
        });
        return country;
    }

    /// <param name="code">What --country says; null: nothing.</param>
    public static CallSettings In(CallSettings calls, string? code) => code is null ? calls : calls with { Country = code.ToUpperInvariant() };

    /// <exception cref="MistakeException">The country is not known.</exception>
    public static DiallingRules RulesOf(CallSettings calls) =>
        calls.Rules ?? throw new MistakeException("the site's country is not known: set country = CODE in [calls] of ringfence.conf, or give --country CODE");

    /// <exception cref="MistakeException">The configuration names no records.</exception>
    public static void NeedRecords(CallSettings calls)
    {
        if (CallSources.Places(calls).Count == 0)
        {
            throw new MistakeException("there are no CDRs: name a file, or set cdr in [calls] of ringfence.conf");
        }
    }
}
