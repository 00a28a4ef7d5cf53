using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A key sequence in calls that runs a program.</summary>
internal static class FeatureRunsProgram
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1560",
        Name = "feature-runs-program",
        Severity = Severity.High,
        Why = "Whoever is on a channel whose variable DYNAMIC_FEATURES names this feature runs the program with keys. With __ before its name the variable passes to the other side too, which may be a stranger; what the line says of caller and callee counts no more.",
        Fix = "Remove the line, or let it call a subroutine of the dialplan (Gosub) that does one fixed thing, and set DYNAMIC_FEATURES on channels of your own people alone, without __.",
        ExampleFile = "features.conf",
        Bad = """
            [applicationmap]
            reboot = *99,self/both,System,/usr/local/bin/reboot-phone ; here
            lights = *98,self/both,System,/usr/local/bin/lights ; here
            ;;; extensions.conf
            [phones]
            exten => _1XXX,1,Set(__DYNAMIC_FEATURES=reboot#other)
             same => n,Dial(PJSIP/${EXTEN})
            """,
        Good = """
            [applicationmap]
            playmonkeys = #9,peer,Playback,tt-monkeys
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Features/Custom-Dynamic-Features/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private const string Variable = "DYNAMIC_FEATURES";

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var map = pbx.Config("features.conf").Named("applicationmap").SelectMany(static section => section.Settings).ToList();
        var programs = map.Where(static feature => Program(feature) is not null).ToList();
        if (programs.Count == 0)
        {
            return [];
        }

        var on = TurnedOn(pbx);
        var groups = pbx.Config("features.conf").Sections.Where(section => on.Contains(section.Name)).SelectMany(static section => section.Settings).Select(static setting => setting.Name);
        var named = on.Concat(groups).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return programs.Select(feature =>
        {
            var isOn = named.Contains(feature.Name) || named.Contains("");
            return new Fault(feature.Place, $"feature {Shown.Text(feature.Name)}", isOn ? $"keys in a call run a program by {Program(feature)}" : $"keys in a call run a program by {Program(feature)}, once {Variable} of a call names the feature; nothing that was read does")
            {
                Severity = isOn ? null : Severity.Medium,
            };
        });
    }

    private static string? Program(ConfigSetting feature) =>
        feature.Value.Split(',', StringSplitOptions.TrimEntries) is { Length: > 2 } parts && parts[2].Split('(')[0].Trim() is var application
        && (application.Equals("System", StringComparison.OrdinalIgnoreCase) || application.Equals("TrySystem", StringComparison.OrdinalIgnoreCase)) ? application : null;

    // main/features.c, ast_get_chan_applicationmap: a channel has the features that its variable names, by themselves or as a section of features.conf. "": a value that only a call knows.
    private static HashSet<string> TurnedOn(PbxSnapshot pbx)
    {
        var texts = Plan.Of(pbx).Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities).Select(static priority => priority.Arguments)
            .Concat(pbx.Config("extensions.conf").Named("globals").SelectMany(static globals => globals.Settings).Select(static setting => $"{setting.Name}={setting.Value}"))
            .Concat(pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.All("set_var")).Select(static setting => setting.Value))
            .Concat(((string[])["sip.conf", "iax.conf", "chan_dahdi.conf", "manager.conf"]).SelectMany(file => pbx.Config(file).Sections).SelectMany(static section => section.All("setvar")).Select(static setting => setting.Value));
        HashSet<string> named = new(StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            var at = text.IndexOf(Variable, StringComparison.Ordinal);
            var equals = at < 0 ? -1 : text.IndexOf('=', at);
            if (equals < 0)
            {
                continue;
            }

            var value = text[(equals + 1)..].Split(',')[0];
            named.UnionWith(value.Contains("${", StringComparison.Ordinal) ? [""] : value.Split('#', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        return named;
    }
}
