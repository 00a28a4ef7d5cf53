using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A conference with a PIN that is guessed first.</summary>
internal static class ConferencePin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1568",
        Name = "conference-pin",
        Severity = Severity.Medium,
        Why = "Whoever dials the conference and guesses its PIN hears what is said, and a conference asks for it without end to whoever calls again.",
        Fix = "Give the conference a random PIN of six digits, and the leader another one.",
        ExampleFile = "confbridge.conf",
        ExampleVersion = new AsteriskVersion(20),
        Bad = """
            [staff]
            type = user
            pin = 1234 ; here
            [board]
            type = user
            pin = 77 ; here
            ;;; meetme.conf
            [rooms]
            conf => 600,600,730418 ; here
            """,
        Good = """
            [staff]
            type = user
            pin = 730418
            [music]
            type = user
            ;;; meetme.conf
            [rooms]
            conf => 600,582093,730418
            conf => 601
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Conferencing-Applications/ConfBridge/ConfBridge-Configuration/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    // The last Asterisk that has MeetMe.
    private const int LastMeetMe = 20;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        (from profile in pbx.Config("confbridge.conf").Sections
         where string.Equals(profile["type"], "user", StringComparison.OrdinalIgnoreCase)
         let pin = profile.Find("pin")
         where pin is { Value.Length: > 0 }
         let text = Pins.Wrong(pin.Value, "")
         where text is not null
         select new Fault(pin.Place, $"conference profile {Shown.Text(profile.Name)}", text) { IsSecret = true })
        .Concat(
            from room in pbx.Version.Major > LastMeetMe && !pbx.IsVersionAssumed ? [] : pbx.Config("meetme.conf").Named("rooms").SelectMany(static rooms => rooms.All("conf"))
            let fields = room.Value.Split(',', StringSplitOptions.TrimEntries)
            let text = fields.Skip(1).Take(2).Where(static pin => pin.Length > 0).Select(pin => Pins.Wrong(pin, fields[0])).FirstOrDefault(static wrong => wrong is not null)
            where text is not null
            select new Fault(room.Place, $"conference {Shown.Text(fields[0])}", text) { IsSecret = true });
}
