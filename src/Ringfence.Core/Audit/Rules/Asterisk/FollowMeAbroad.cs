using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Calls to an extension go on to a number abroad.</summary>
internal static class FollowMeAbroad
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1572",
        Name = "followme-abroad",
        Severity = Severity.Low,
        Why = "Whoever calls the extension, a stranger as well, has your trunk call abroad. It is also where somebody who was in the system leaves a number of his own, which rings long after his password is changed.",
        Fix = "Ask the owner of the extension. Remove the number if it is not his; else let the context of the profile end calls after a time.",
        ExampleFile = "followme.conf",
        Bad = """
            [general]
            takecall = 1
            [1001]
            context = outbound
            number => 1001,10
            number => 00882345678901,20 ; here
            """,
        Good = """
            [general]
            takecall = 1
            [1001]
            context = outbound
            number => 1001,10
            number => 0301234567,20
            number => 01123456789,20
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    // 00 and 011 stand before numbers abroad; 011 is Turin and Delhi too, whose numbers are shorter. What + begins may be at home.
    private const int ShortestAfter00 = 10;
    private const int ShortestAfter011 = 13;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from profile in pbx.Config("followme.conf").Sections
        where profile.Name != "general"
        from setting in profile.All("number")
        let numbers = setting.Value.Split(',')[0].Split('&', StringSplitOptions.TrimEntries).Where(IsAbroad).ToList()
        where numbers.Count > 0
        select new Fault(setting.Place, $"follow-me {Shown.Text(profile.Name)}", $"calls to it go on to {string.Join(", ", numbers.Take(3).Select(static number => Shown.Text(number)))}, abroad");

    private static bool IsAbroad(string number) => number.All(char.IsAsciiDigit)
        && ((number.StartsWith("00", StringComparison.Ordinal) && number.Length >= ShortestAfter00 && number[2] != '0') || (number.StartsWith("011", StringComparison.Ordinal) && number.Length >= ShortestAfter011));
}
