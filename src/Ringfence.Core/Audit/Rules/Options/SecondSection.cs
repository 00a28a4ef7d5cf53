using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A section that stands twice in a file of which Asterisk reads the first alone.</summary>
internal static class SecondSection
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1119",
        Name = "second-section",
        Severity = Severity.Medium,
        // Measured on 22.10.1 with rtp, manager, iax, logger and modules.conf: ports, bindaddr, noload and log files of the second section were not there. The others are read by the same call
        // (main/config.c, ast_variable_browse with the section's name). cdr.conf, acl.conf, pjsip.conf and contexts are read section by section, and are not meant.
        Why = "Of two sections of one name Asterisk reads only the first here, and says nothing: a noload, a permit or a log file in the second is not in force. A file that is included at the end often brings one.",
        Fix = "Write the second as an addition to the first, [general](+), or put its lines there. Then look whether what it sets is what you want.",
        Bad = """
            ;;; manager.conf
            [general]
            enabled = yes
            [general] ; here
            bindaddr = 127.0.0.1
            ;;; modules.conf
            [modules]
            autoload = yes
            #include modules_custom.conf
            ;;; modules_custom.conf
            [modules] ; here
            noload = chan_iax2.so
            """,
        Good = """
            ;;; manager.conf
            [general]
            enabled = yes
            [general](+)
            bindaddr = 127.0.0.1
            [admin]
            read = all
            [admin]
            write = all
            ;;; cdr.conf
            [general]
            enable = yes
            [general]
            unanswered = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Config-File-Format/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private static readonly (string File, string[] Sections)[] ReadByName =
    [
        ("manager.conf", ["general"]), ("http.conf", ["general"]), ("rtp.conf", ["general"]), ("iax.conf", ["general"]), ("sip.conf", ["general"]), ("voicemail.conf", ["general"]), ("queues.conf", ["general"]),
        ("logger.conf", ["general", "logfiles"]), ("modules.conf", ["modules"]), ("asterisk.conf", ["options", "directories", "files"]),
    ];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from read in ReadByName
        from name in read.Sections
        let sections = pbx.Config(read.File).Named(name).ToList()
        from second in sections.Skip(1)
        where second.Settings.Count > 0
        select new Fault(second.Place, $"[{name}] of {read.File}", $"[{name}] stands at {sections[0].Place} already: Asterisk reads nothing of this one");
}
