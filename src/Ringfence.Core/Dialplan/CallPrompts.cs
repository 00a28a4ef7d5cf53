using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Applications in which a caller types: what he can type there, and where it leads.</summary>
/// <remarks>main/pbx_builtins.c, apps/app_read.c, app_disa.c, app_voicemail.c, app_directory.c, app_confbridge.c, app_chanspy.c, app_sayunixtime.c, app_festival.c of Asterisk 22.</remarks>
internal sealed class CallPrompts(CallWalk walk, CallTargets targets)
{
    /// <summary>What one key of a telephone can be.</summary>
    public static NumberLanguage OneKey { get; } = Languages.Repeat("0123456789*#ABCD", 1, 1);

    /// <param name="hasMost">Whether the third argument says how many digits; ReadExten has a context there.</param>
    public void Read(CallState state, string arguments, CallTexts texts, bool hasMost)
    {
        var given = CallArguments.Split(arguments);
        if (texts.Substitute(given[0]).Constant is not { } variable)
        {
            walk.Go(state.Next());
            return;
        }

        var most = hasMost && int.TryParse(given.ElementAtOrDefault(2), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) && digits is > 0 and <= 255 ? digits : 255;
        // # ends it, unless an option says otherwise; nothing at all may be typed.
        var hasTerminator = CallArguments.Options(given.ElementAtOrDefault(3)).ContainsKey('t');
        var language = Languages.Repeat(hasTerminator ? "0123456789*#ABCD" : "0123456789*ABCD", 0, most);
        var (entered, text) = state.Enter(language, over: variable);
        walk.Go((entered with { Read = entered.Read.Add(((InputText)text).Number) }).With(variable, text).Next());
    }

    public void Prompt(CallState state, string application, string arguments, CallTexts texts)
    {
        walk.Typed(state, state.Context, Languages.Keys);
        if (CallArguments.Split(arguments) is { Count: > 3 } given && application.Equals("Background", StringComparison.OrdinalIgnoreCase) && texts.Substitute(given[3]).Constant is { Length: > 0 } context
            && context != state.Context)
        {
            walk.Typed(state, context, OneKey, mustExist: true);
        }

        if (application.Equals("WaitExten", StringComparison.OrdinalIgnoreCase) && walk.Search.Find(state.Next()) is { Hits: [] })
        {
            foreach (var name in ((string[])["t", "e"]).Where(name => walk.Search.Has(state.Context, name)).Take(1))
            {
                walk.Go(state.At(state.Context, new ConstantText(name), 1));
            }
        }
        else
        {
            walk.Go(state.Next());
        }
    }

    public void Disa(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var context = given.Count > 1 && given[1].Length > 0 ? texts.Substitute(given[1]).Constant : "disa";
        if (context is null)
        {
            walk.Unknown($"DISA({Secretless(given)}) could not be resolved", priority.Place);
            return;
        }

        // The third argument is the caller ID from here on.
        if (given.ElementAtOrDefault(2) is { Length: > 0 })
        {
            state = CallTexts.CallerIdParts("all").Aggregate(state, static (set, part) => set.With(part, new UnknownText("the caller ID of DISA", TextOrigins.Elsewhere)));
        }

        var isOpen = given[0].Equals("no-password", StringComparison.OrdinalIgnoreCase);
        walk.Typed(isOpen ? state : state.With(new Brake(BrakeKind.Pin, "DISA", priority.Place)), context, Languages.Keys);
    }

    private static string Secretless(List<string> given) => string.Join(',', given.Skip(1).Prepend("..."));

    public void Voicemail(CallState state, string application, string arguments, CallTexts texts, PlanPriority priority)
    {
        var options = CallArguments.Options(CallArguments.Split(arguments).ElementAtOrDefault(1));
        // Whoever presses 0 or * leaves; VoiceMailMain knows the star alone. The mailbox may have a context of its own for that.
        foreach (var name in application.Equals("VoiceMail", StringComparison.OrdinalIgnoreCase) ? (string[])["o", "a"] : ["a"])
        {
            if (name == "o" && walk.Files.HasOperator is false)
            {
                continue;
            }

            var left = name == "o" && walk.Files.HasOperator is null ? state.With(new Assumption(AssumptionKind.Value, "voicemail.conf has operator=yes", priority.Place)) : state;
            foreach (var context in walk.Files.MailboxExits.Prepend(state.Context).Where(context => walk.Search.Has(context, name)).Distinct(StringComparer.Ordinal))
            {
                walk.Go((context == state.Context ? left : left.With(new Assumption(AssumptionKind.Value, "the mailbox has this exitcontext", priority.Place))).At(context, new ConstantText(name), 1));
            }
        }

        if (application.Equals("VoiceMailMain", StringComparison.OrdinalIgnoreCase))
        {
            // With "s" nobody asks for the password of the mailbox.
            var inside = options.ContainsKey('s') ? state : state.With(new Brake(BrakeKind.Pin, application, priority.Place));
            foreach (var context in walk.Files.MailboxDialouts)
            {
                walk.Typed(inside.With(new Assumption(AssumptionKind.Value, "the mailbox may call out", priority.Place)), context, Languages.Keys);
            }
        }

        if (options.TryGetValue('d', out var typed))
        {
            walk.Typed(state, texts.Substitute(typed ?? "").Constant is { Length: > 0 } given ? given : state.Context, OneKey, mustExist: true);
        }

        walk.Go(state.Next());
    }

    /// <summary>ChanSpy, ExtenSpy and MeetMe let a caller leave by a key with option X.</summary>
    /// <param name="variable">Holds the context in which it is looked up.</param>
    public void Exit(CallState state, string? options, string variable, CallTexts texts)
    {
        if (options is not null && (options.Contains('X', StringComparison.Ordinal) || options.Contains('$', StringComparison.Ordinal)))
        {
            walk.Typed(state, Context(state, variable, texts), OneKey, mustExist: true);
        }

        walk.Go(state.Next());
    }

    /// <summary>The context that a variable names, or the one in which the call is.</summary>
    public static string Context(CallState state, string variable, CallTexts texts) =>
        texts.Substitute($"${{{variable}}}").Constant is { Length: > 0 } context ? context : state.Context;

    public void Conference(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var menu = CallArguments.Split(arguments).ElementAtOrDefault(3);
        // Without one it is a menu of this name, or the one that CONFBRIDGE(menu,template) chose.
        var names = string.IsNullOrEmpty(menu) ? ["default_menu"] : texts.Substitute(menu).Constant is { } named ? [named] : walk.Files.Menus.Keys;
        foreach (var target in names.SelectMany(name => walk.Files.Menus.GetValueOrDefault(name, [])))
        {
            targets.Go(state, new ConstantText(target), priority, there => walk.Go(there with { Frames = [] }));
        }

        walk.Go(state.Next());
    }

    /// <summary>What is spoken, and ends where a caller types an extension.</summary>
    /// <param name="isEnded">Whether keys end it.</param>
    public void Speech(CallState state, bool isEnded)
    {
        if (isEnded)
        {
            walk.Typed(state, state.Context, Languages.Keys);
        }

        walk.Go(state.Next());
    }

    public void Directory(CallState state, string arguments, CallTexts texts, PlanPriority priority)
    {
        var given = CallArguments.Split(arguments);
        var context = given.Count > 1 && given[1].Length > 0 ? texts.Substitute(given[1]).Constant : texts.Substitute(given[0]).Constant;
        if (context is null)
        {
            walk.Unknown($"Directory({arguments}) could not be resolved", priority.Place);
        }
        else
        {
            walk.Typed(state.With(new Assumption(AssumptionKind.Value, "a mailbox has that number", priority.Place)), context, Languages.Repeat("0123456789", 1), mustExist: true);
        }

        foreach (var name in ((string[])["o", "a"]).Where(name => walk.Search.Has(context ?? state.Context, name)))
        {
            walk.Go(state.At(context ?? state.Context, new ConstantText(name), 1));
        }

        walk.Go(state.Next());
    }
}
