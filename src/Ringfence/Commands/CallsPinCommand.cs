using System.CommandLine;
using System.Security.Cryptography;
using Ringfence.Core.Gate;
using Ringfence.Core.Knock;
using Ringfence.Gate;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls pin</c>: the PINs that the gate asks for.</summary>
internal static class CallsPinCommand
{
    public static Command Build()
    {
        var does = new Argument<string>("does") { Description = "set: reads a new PIN, from the terminal without showing it, or from a pipe. remove: the extension has none. list: who has one.", HelpName = "set|remove|list" };
        var extension = new Argument<string?>("extension") { Description = "The endpoint that calls: 201.", HelpName = "EXTENSION", Arity = ArgumentArity.ZeroOrOne };
        var config = ConfigOption.Create();
        var verb = new Verb("pin", "Set, remove and list the PINs of extensions, which are kept hashed. pins of [gate] says which calls ask for one.")
        {
            Examples =
            [
                ("ringfence calls pin set 201", "reads a PIN of 4 to 12 digits; it holds at once, and ends a lock"),
                ("ringfence calls pin remove 201", "the extension has none from now on"),
                ("ringfence calls pin list", "who has one"),
            ],
        };
        does.AcceptOnlyFromAmong("set", "remove", "list");
        verb.Add(does);
        verb.Add(extension);
        verb.Add(config);
        verb.Checks(result =>
        {
            var name = result.GetValue(extension);
            if ((result.GetValue(does) == "list") != (name is null))
            {
                result.AddError("expected set EXTENSION, remove EXTENSION or list");
            }
            else if (name is not null && !PinBook.IsExtension(name))
            {
                result.AddError("EXTENSION: expected the name of an endpoint such as 201: letters, digits, - _ .");
            }
        });
        return verb.Does((parsed, surroundings, _) =>
        {
            var path = surroundings.ReadConfigToAsk(parsed.GetValue(config)).Gate.PinFile;
            var screen = new Screen(surroundings);
            var book = Pins.Read(path);
            var name = parsed.GetValue(extension);
            switch (parsed.GetValue(does))
            {
                case "set":
                    var pin = Typed($"PIN for {name}: ");
                    if (PinBook.WrongPin(pin, name!) is { } wrong)
                    {
                        throw new MistakeException(wrong);
                    }

                    // A PIN that nobody knows locks its owner out, and nobody saw what was typed.
                    if (!Console.IsInputRedirected && Typed("Again: ") != pin)
                    {
                        throw new MistakeException("the second one was another: nothing was changed");
                    }

                    book.Set(name!, pin, RandomNumberGenerator.GetBytes(PagePassword.SaltBytes));
                    Pins.Write(path, book);
                    screen.Line($"{name} has a new PIN.");
                    return Task.FromResult(ExitCode.Fine);

                case "remove":
                    if (!book.Remove(name!))
                    {
                        screen.Line($"{name} has no PIN.");
                        return Task.FromResult(ExitCode.Found);
                    }

                    Pins.Write(path, book);
                    screen.Line($"{name} has no PIN any more.");
                    return Task.FromResult(ExitCode.Fine);

                default:
                    if (book.Extensions.Count == 0)
                    {
                        screen.Note("ringfence: no extension has a PIN: ringfence calls pin set EXTENSION reads one");
                    }

                    foreach (var one in book.Extensions)
                    {
                        screen.Line(one);
                    }

                    return Task.FromResult(ExitCode.Fine);
            }
        });

        // Never an argument: those are in the shell's history, and everybody on the machine sees them.
        static string Typed(string prompt)
        {
            if (Console.IsInputRedirected)
            {
                return Console.In.ReadLine()?.Trim() ?? "";
            }

            Console.Error.Write(prompt);
            var typed = new System.Text.StringBuilder();
            while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
            {
                typed = key.Key == ConsoleKey.Backspace ? typed.Remove(Math.Max(0, typed.Length - 1), Math.Min(1, typed.Length)) : typed.Append(key.KeyChar);
            }

            Console.Error.WriteLine();
            return typed.ToString();
        }
    }
}
